import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import winston from 'winston';
import { runModule } from '../../test/support/module-program.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { WarrenTransport, type WarrenWinstonOptions } from './transport.js';

let broker: TestBroker;
let records: ReceivedRecords;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  records = await ReceivedRecords.start(broker.url);
});
afterEach(() => records.stop());

function transport(options: WarrenWinstonOptions = {}): WarrenTransport {
  return new WarrenTransport({ url: broker.url, service: 'order', exchange: records.exchange, ...options });
}

describe('the winston transport', () => {
  it('makes records of lines, with their fields, levels, splat and child bindings', async () => {
    const warren = transport();
    const logger = winston.createLogger({
      level: 'silly',
      format: winston.format.combine(winston.format.colorize(), winston.format.splat()),
      transports: [warren],
    });
    logger.child({ tenant: 'blue' }).warn('order %d placed', 17, { orderId: 17, traceId: 'abc' });
    logger.http('GET /');
    logger.silly('deep');
    await records.count(3);
    expect(records.received.map(({ routingKey }) => routingKey)).toEqual([
      'app.order.warn',
      'app.order.info',
      'app.order.trace',
    ]);
    expect(records.received[0]?.record).toMatchObject({
      message: 'order 17 placed',
      log: { level: 'warn' },
      service: { name: 'order' },
      trace: { id: 'abc' },
      tenant: 'blue',
      orderId: 17,
    });
    expect(records.received[1]?.record.labels).toEqual({ level: 'http' });
    logger.end();
    await once(warren, 'finish');
  });

  it('keeps errors whole, alone, with a text, and as a field', async () => {
    const warren = transport();
    const logger = winston.createLogger({
      format: winston.format.errors({ stack: true }),
      transports: [warren],
    });
    logger.error(new TypeError('no stock'));
    logger.error('cannot place', new Error('database away'));
    logger.error('refused', { err: new RangeError('too many', { cause: new Error('limit') }) });
    await records.count(3);
    const [alone, withText, asField] = records.received.map(({ record }) => record);
    expect(alone).toMatchObject({ message: 'no stock' });
    expect(alone?.error?.stack_trace).toContain('TypeError: no stock');
    expect(withText?.message).toContain('cannot place');
    expect(withText?.error?.stack_trace).toContain('Error: database away');
    expect(asField).toMatchObject({ message: 'refused', error: { type: 'RangeError' } });
    expect(asField?.error?.stack_trace).toContain('caused by: Error: limit');
    logger.end();
    await once(warren, 'finish');
  });

  it('respects its own level, and survives what JSON cannot express', async () => {
    const logger = winston.createLogger({ level: 'debug', transports: [transport({ level: 'warn' })] });
    const cycle: Record<string, unknown> = { big: 1n };
    cycle['itself'] = cycle;
    logger.info('not this');
    logger.warn('this', { cycle });
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      message: 'this',
      cycle: { big: '1', itself: '[Circular]' },
    });
  });

  it('refuses a bad option when it is made', () => {
    expect(() => transport({ closeTimeoutMs: -1 })).toThrow('The option closeTimeoutMs must be');
  });

  it.each([
    ['normally', '', 0],
    ['by process.exit', 'process.exit(0);', 0],
    ['by an uncaught exception', `throw new Error('boom');`, 1],
  ])('gets the last lines through when the process ends %s', async (_, ending, code) => {
    const module = fileURLToPath(new URL('./transport.js', import.meta.url));
    const options = { url: broker.url, service: 'order', exchange: records.exchange };
    const outcome = await runModule(`
      import winston from 'winston';
      import { WarrenTransport } from ${JSON.stringify(module)};
      const logger = winston.createLogger({ transports: [new WarrenTransport(${JSON.stringify(options)})] });
      for (let n = 0; n < 500; n += 1) logger.info('line ' + n);
      ${ending}`);
    expect(outcome.code).toBe(code);
    await records.count(500);
    expect(records.messages).toEqual(Array.from({ length: 500 }, (_unused, n) => `line ${n}`));
  });
});
