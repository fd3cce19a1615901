// Tests that need other people's programs: where one is missing they say so and are skipped, and where
// CI=true, which promises that all is installed, its absence is a failure.
import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';

/** How long a program may take to say that it is there, and to fetch the libraries that it names. */
const ANSWER_MS = 20_000;
const DOWNLOAD_MS = 240_000;

/** Whether `program` runs at all with `args`. */
export function runs(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: ANSWER_MS }).status === 0;
}

/** Whether `program` can fetch, or has, what its project in `cwd` needs; what it says of it is shown. */
export function fetches(program: string, args: string[], cwd: string): boolean {
  return (
    spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], timeout: DOWNLOAD_MS }).status ===
    0
  );
}

/** A `describe` that is skipped, in so many words, when `missing` says what is missing. */
export function describeWith(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) {
    describe(name, tests);
    return;
  }
  if (process.env['CI'] === 'true') {
    test(`${name}: what is needed is installed`, () => {
      throw new Error(missing);
    });
    return;
  }
  console.warn(`skipped: ${name}: ${missing}`);
  describe.skip(`${name} (skipped: ${missing})`, tests);
}
