import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramEnd, runModule } from '../../test/support/module-program.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import type { LogRecord } from '../record.js';

const module = fileURLToPath(new URL('./capture.js', import.meta.url));
let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());

/** Runs a program with a captured console; what it printed, and what was published. */
async function run(
  program: string,
  lines: number,
  more: object = {},
): Promise<{ end: ProgramEnd; records: LogRecord[] }> {
  const received = await ReceivedRecords.start(broker.url);
  const options = { url: broker.url, service: 'order', exchange: received.exchange, ...more };
  const end = await runModule(`
    import { captureConsole } from ${JSON.stringify(module)};
    const capture = captureConsole(${JSON.stringify(options)});
    ${program}`);
  await received.count(lines);
  await received.stop();
  return { end, records: received.received.map(({ record }) => record) };
}

describe('the captured console', () => {
  it('publishes what is printed, formatted, each method at its level', async () => {
    const { end, records } = await run(
      `console.debug('a'); console.log('order %d', 17, { items: [1] }); console.info('c');
       console.warn('d'); console.error('e'); console.assert(1 === 2, 'f'); console.table([]);`,
      7,
    );
    expect(records.map(({ message, log }) => [log.level, message])).toEqual([
      ['debug', 'a'],
      ['info', 'order 17 { items: [ 1 ] }'],
      ['info', 'c'],
      ['warn', 'd'],
      ['error', 'e'],
      ['warn', 'Assertion failed: f'],
      ['info', expect.stringContaining('(index)')],
    ]);
    expect(end.standardOutput).toMatch(/^a\norder 17 \{ items: \[ 1 \] \}\nc\n/);
    expect(end.standardError).toBe('d\ne\nAssertion failed: f\n');
  });

  it('keeps errors whole, and a trace as one line with its stack', async () => {
    const { end, records } = await run(
      `console.error('cannot place', new TypeError('no stock', { cause: new Error('away') })); console.trace('here');`,
      2,
    );
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({ message: 'cannot place no stock', error: { type: 'TypeError' } });
    expect(records[0]?.error?.stack_trace).toContain('caused by: Error: away');
    expect(records[1]).toMatchObject({ message: 'here', log: { level: 'trace' } });
    expect(records[1]?.error?.stack_trace).toContain('here');
    expect(end.standardError).toContain('Trace: here');
  });

  it('prints nothing when it is told so, and is given back', async () => {
    const { end, records } = await run(
      `console.log('published'); await capture.release(); console.log('printed');`,
      1,
      { print: false },
    );
    expect(records.map(({ message }) => message)).toEqual(['published']);
    expect(end.standardOutput).toBe('printed\n');
  });

  it.each([
    ['by process.exit', 'process.exit(0);', 0],
    ['by an uncaught exception', `throw new Error('boom');`, 1],
  ])('gets the last lines through when the process ends %s', async (_, ending, code) => {
    const { end, records } = await run(
      `for (let n = 0; n < 500; n += 1) console.log('line ' + n); ${ending}`,
      500,
    );
    expect(end.code).toBe(code);
    expect(records.map(({ message }) => message)).toEqual(
      Array.from({ length: 500 }, (_unused, n) => `line ${n}`),
    );
  });
});
