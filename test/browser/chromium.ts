/** The system's Chromium, for tests in a real browser. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env['WARREN_TEST_CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Where it is; undefined where there is none, which is a failure when `CI=true`, since there the
 * browser's tests must not be left out unseen.
 */
export function chromiumPath(): string | undefined {
  const found = PLACES.find((place) => place !== '' && existsSync(place));
  if (found === undefined && process.env['CI'] === 'true') {
    throw new Error(
      'No Chromium is installed: `apt-get install chromium`, or name one in WARREN_TEST_CHROMIUM.',
    );
  }
  return found;
}

/** Starts it. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}
