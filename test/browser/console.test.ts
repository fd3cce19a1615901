import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, startChromium } from './chromium.js';
import { type ConsoleUnderTest, logRecord, startConsoleUnderTest, until } from './console-under-test.js';

const path = chromiumPath();
if (path === undefined) console.warn('The tests in a browser are skipped: no Chromium is installed.');

const MINUTE_MS = 60_000;
const STACK = `TypeError: Cannot read properties of undefined (reading 'total')
    at OrderService.place (/app/dist/order-service.js:118:27)
    at processTicksAndRejections (node:internal/process/task_queues:95:5)`;
const HOSTILE = '<img src=x onerror="window.hostile=1"><script>window.hostile=1</script>';

describe.skipIf(path === undefined)('the console in a browser', { timeout: 60_000 }, () => {
  let under: ConsoleUnderTest;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    under = await startConsoleUnderTest();
    browser = await startChromium(path ?? '');
    const now = Date.now();
    const usual = Array.from({ length: 600 }, (_, number) =>
      logRecord(`usual-${number}`, {
        time: now - number * 1000,
        level: number % 20 === 0 ? 'warn' : 'info',
        service: number % 2 === 0 ? 'order' : 'search',
        message: `handled request ${number}`,
        more: { basket: { items: 3 } },
      }),
    );
    const wrong = logRecord('wrong', {
      time: now - 30_000,
      level: 'error',
      service: 'payment',
      message: 'payment declined by gateway',
      more: {
        trace: { id: 'trace-of-wrong' },
        error: {
          type: 'TypeError',
          message: "Cannot read properties of undefined (reading 'total')",
          stack_trace: STACK,
        },
      },
    });
    const hostile = logRecord('hostile', {
      time: now - 40_000,
      level: 'fatal',
      service: 'search',
      message: HOSTILE,
    });
    await under.publish([...usual, wrong, hostile]);
    await until('all being searchable', async () => {
      const asked = `logs/summary?from=${now - 60 * MINUTE_MS}&to=${now + MINUTE_MS}`;
      return (await under.read<{ total: number }>(asked)).total === 602;
    });
  });

  afterAll(async () => {
    await browser?.close();
    await under?.stop();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('400 (Bad Request)'))
        complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(under.url) && !request.url().startsWith('data:'))
        complaints.push(request.url());
    });
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  const grid = (): Locator => page.getByRole('grid', { name: 'Log records' });
  const result = (): Locator => page.getByRole('status', { name: 'Result' });
  const histogram = (): Locator => page.getByRole('img', { name: /^Histogram/ });
  const record = (): Locator => page.getByRole('complementary', { name: 'Record', exact: true });

  it('finds what went wrong: search, histogram, record, stack trace, trace', async () => {
    await page.goto(`${under.url}/`);
    await result().getByText('602 records').waitFor();
    const before = await histogram().getAttribute('aria-label');
    await page.keyboard.press('/');
    await page.keyboard.type('declined');
    await page.keyboard.press('Enter');
    await result().getByText('1 record', { exact: false }).waitFor();
    await page.getByRole('img', { name: /: 1 error$/ }).waitFor();
    expect(await histogram().getAttribute('aria-label')).not.toBe(before);
    await grid().getByText('payment declined by gateway').click();
    expect(await record().getByRole('region', { name: 'Stack trace' }).textContent()).toContain(
      'order-service.js:118',
    );
    await record().getByRole('button', { name: 'This trace' }).click();
    await page.waitForURL(/trace/);
    await result().getByText('1 record', { exact: false }).waitFor();
  });

  it('goes by the keyboard alone', async () => {
    await page.goto(`${under.url}/?query=handled`);
    await grid().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await record().getByText('handled request 1', { exact: true }).first().waitFor();
    await page.keyboard.press('k');
    await record().getByText('handled request 0', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await record().waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  });

  it('narrows down by level, by service and by a field’s value, and the link shows the same', async () => {
    await page.goto(`${under.url}/`);
    await page.getByRole('button', { name: /^warn, / }).click();
    await result().getByText('30 records').waitFor();
    await page.getByRole('button', { name: /^order, / }).click();
    await page.waitForURL(/service=order/);
    await result().getByText('30 records').waitFor();
    await grid().getByRole('row').nth(1).click();
    await record().getByRole('button', { name: 'Not message: handled request 0' }).click();
    await result().getByText('29 records').waitFor();
    const copy = await browser.newPage();
    await copy.goto(page.url());
    await copy.getByRole('status', { name: 'Result' }).getByText('29 records').waitFor();
    await copy.close();
    await page.goBack();
    await result().getByText('30 records').waitFor();
  });

  it('zooms by dragging over the histogram', async () => {
    await page.goto(`${under.url}/`);
    await result().getByText('602 records').waitFor();
    const box = await histogram().boundingBox();
    if (!box) throw new Error('The histogram has no place.');
    await page.mouse.move(box.x + box.width * 0.8, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+/);
    await until('the count of the part', async () => !(await result().textContent())?.startsWith('602'));
    const count = Number.parseInt(((await result().textContent()) ?? '').replace(',', ''), 10);
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(130);
  });

  it('explains a query that cannot be read, and leads out of an empty range', async () => {
    await page.goto(`${under.url}/?query=${encodeURIComponent('log.level:(error OR')}`);
    await page.getByRole('alert').getByText('The query cannot be read').waitFor();
    expect(await page.getByRole('combobox', { name: 'Query' }).getAttribute('aria-invalid')).toBe('true');
    await page.goto(`${under.url}/?from=2020-01-01&to=2020-01-02&query=declined`);
    await page.getByRole('heading', { name: 'Nothing in this range matches' }).waitFor();
    await page.getByRole('button', { name: 'Jump there' }).click();
    await result().getByText('1 record', { exact: false }).waitFor();
  });

  it('completes fields and values in the query box', async () => {
    await page.goto(`${under.url}/`);
    await grid().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('service.na');
    await page.getByRole('option', { name: /service\.name/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('option', { name: /^payment/ }).waitFor();
    await page.keyboard.type('pay');
    await page.getByRole('option', { name: /^order/ }).waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await result().getByText('1 record', { exact: false }).waitFor();
  });

  it('shows log text as text, whatever is in it', async () => {
    await page.goto(`${under.url}/?level=fatal`);
    await grid().getByText(HOSTILE).click();
    await record().getByText(HOSTILE).first().waitFor();
    expect(await page.evaluate("'hostile' in window")).toBe(false);
  });

  it('tails what is published, and pauses', async () => {
    await page.goto(`${under.url}/?view=tail&key=app.live.%23`);
    const tail = page.getByRole('status', { name: 'Tail' });
    await tail.getByText('Live').waitFor();
    await under.publish([logRecord('live-1', { service: 'live', message: 'first of the tail' })]);
    await page.getByRole('grid', { name: 'Live records' }).getByText('first of the tail').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await under.publish([logRecord('live-2', { service: 'live', message: 'second of the tail' })]);
    await tail.getByText('1 new').waitFor();
    expect(await page.getByText('second of the tail').count()).toBe(0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('second of the tail').waitFor();
  });

  it('mends a mapping conflict and replays the letter into the index', async () => {
    const poison = { message: 'poison of the browser', more: { basket: { items: 'no number' } } };
    await under.publish([logRecord('poison', poison)]);
    await until(
      'the letter being there',
      async () => (await under.read<{ total: number }>('dead-letters')).total === 1,
    );
    await page.goto(`${under.url}/?view=letters`);
    await page.getByRole('button', { name: /poison of the browser/ }).click();
    const letter = page.getByRole('complementary', { name: 'Dead letter', exact: true });
    await letter.getByText('The index holds basket.items as long').waitFor();
    await letter.getByRole('button', { name: 'Accept such values' }).click();
    await letter.getByRole('button', { name: 'Such values are accepted' }).waitFor();
    await letter.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByRole('status', { name: 'Notice' }).getByText('1 letter replayed, 0 left.').waitFor();
    await page.getByRole('heading', { name: 'There are no dead letters' }).waitFor();
    await page.goto(`${under.url}/?query=poison`);
    await until('the replayed record being found', async () => {
      await page.keyboard.press('r');
      return ((await result().textContent()) ?? '').startsWith('1 record');
    });
  });

  it('asks before it replays all', async () => {
    const poison = { message: 'again', more: { process: { pid: 'no number' } } };
    await under.publish([logRecord('pid', { more: { process: { pid: 1 } } })]);
    await under.publish([logRecord('all-1', poison), logRecord('all-2', poison)]);
    await until(
      'both letters being there',
      async () => (await under.read<{ total: number }>('dead-letters')).total === 2,
    );
    await page.goto(`${under.url}/?view=letters`);
    await page.getByRole('button', { name: 'Replay all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('status', { name: 'Dead letters' }).getByText('2 in the queue').waitFor();
    await page.getByRole('button', { name: 'Replay all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay all' }).click();
    await page.getByRole('status', { name: 'Notice' }).getByText('2 letters replayed').waitFor();
    await page.getByText('replayed once').first().waitFor();
  });

  it('fits a telephone’s screen', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const view of ['', '?view=tail', '?view=letters', '?level=error']) {
      await page.goto(`${under.url}/${view}`);
      await page.getByRole('main').waitFor();
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
    }
    await grid().getByText('payment declined by gateway').click();
    await record().getByRole('button', { name: 'Close panel' }).click();
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByRole('button', { name: /^error, / }).waitFor();
  });
});
