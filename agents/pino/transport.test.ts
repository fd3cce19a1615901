import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AmqpProxy } from '../../test/support/amqp-proxy.js';
import { freePort } from '../../test/support/free-port.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import type { WarrenPinoOptions } from './transport.js';

const target = fileURLToPath(new URL('./transport.js', import.meta.url));

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

/** Logs in this process, with the transport in its worker, and resolves once everything is confirmed. */
async function log(
  write: (logger: pino.Logger) => void,
  loggerOptions: pino.LoggerOptions = {},
  options: Partial<WarrenPinoOptions> = {},
): Promise<void> {
  const stream = pino.transport({
    target,
    options: { url: broker.url, service: 'order', exchange: records.exchange, ...options },
  });
  const logger = pino({ level: 'trace', ...loggerOptions }, stream);
  write(logger);
  await new Promise((resolve) => logger.flush(resolve));
  stream.end();
  await once(stream, 'close');
}

/** The outcome of a process of its own. */
interface Run {
  readonly code: number | null;
  readonly standardError: string;
  readonly durationMs: number;
}

/** Runs a program that has a `logger` with the transport. */
async function run(program: string, options: Partial<WarrenPinoOptions> = {}): Promise<Run> {
  const transport = {
    target,
    options: { url: broker.url, service: 'order', exchange: records.exchange, ...options },
  };
  const source = `
    import pino from 'pino';
    const logger = pino({ transport: ${JSON.stringify(transport)} });
    ${program}`;
  const startedMs = Date.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let standardError = '';
  child.stderr.on('data', (chunk: Buffer) => {
    standardError += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, standardError, durationMs: Date.now() - startedMs };
}

describe('the fields of pino', () => {
  it('become a record in the names of ECS, and the rest stays', async () => {
    await log(
      (logger) => {
        const child = logger.child({ name: 'checkout', tenant: 'blue', trace_id: 'abc', spanId: 'def' });
        child.warn({ orderId: 17, 'cart.items': 3, event: 'slow', nested: { deep: [1, 2] } }, 'order placed');
      },
      { base: { pid: 4711, hostname: 'web-1' } },
      { environment: 'test', version: '1.2.3' },
    );
    await records.count(1);
    const [{ routingKey, record, properties } = undefined!] = records.received;
    expect(routingKey).toBe('app.order.warn');
    expect(properties.messageId).toBe(record.event.id);
    expect(record.event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(Math.abs(Date.parse(record['@timestamp']) - Date.now())).toBeLessThan(60_000);
    expect(record).toEqual({
      '@timestamp': record['@timestamp'],
      message: 'order placed',
      log: { level: 'warn', logger: 'checkout' },
      service: { name: 'order', environment: 'test', version: '1.2.3' },
      host: { hostname: 'web-1' },
      process: { pid: 4711 },
      trace: { id: 'abc' },
      span: { id: 'def' },
      event: { id: record.event.id },
      labels: { event: 'slow' },
      tenant: 'blue',
      orderId: 17,
      cart: { items: 3 },
      nested: { deep: [1, 2] },
    });
  });

  it('keep errors with their stack, cause, code and own fields', async () => {
    await log((logger) => {
      const error = new TypeError('no stock', {
        cause: new Error('database away', { cause: new RangeError('disk full') }),
      });
      logger.error(Object.assign(error, { code: 'E_STOCK', sku: 'x1' }));
    });
    await records.count(1);
    const record = records.received[0]?.record;
    expect(record?.message).toBe('no stock');
    expect(record?.error).toMatchObject({
      type: 'TypeError',
      message: 'no stock: database away: disk full',
      code: 'E_STOCK',
    });
    expect(record?.error?.stack_trace).toMatch(
      /^TypeError: no stock.*caused by: Error: database away.*caused by: RangeError: disk full/s,
    );
    expect(record?.['err']).toEqual({ sku: 'x1' });
  });

  it('map requests and responses', async () => {
    await log((logger) => {
      logger.info(
        {
          req: {
            id: 'r-1',
            method: 'GET',
            url: '/orders?page=2',
            query: {},
            headers: { 'user-agent': 'curl/8', accept: '*/*' },
            remoteAddress: '127.0.0.1',
            remotePort: 5000,
          },
          res: { statusCode: 204 },
          responseTime: 12.5,
        },
        'request completed',
      );
    });
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      http: { request: { id: 'r-1', method: 'GET' }, response: { status_code: 204 } },
      url: { original: '/orders?page=2', path: '/orders', query: 'page=2' },
      client: { ip: '127.0.0.1', port: 5000 },
      user_agent: { original: 'curl/8' },
      event: { duration: 12_500_000 },
      responseTime: 12.5,
      req: { headers: { accept: '*/*' } },
    });
    expect(records.received[0]?.record).not.toHaveProperty('res');
  });

  it('map custom levels, and keys that the logger was told to use', async () => {
    await log(
      (logger) => (logger as unknown as pino.Logger<'notice'>).notice({ failure: new Error('x') }, 'told'),
      {
        customLevels: { notice: 35 },
        messageKey: 'text',
        errorKey: 'failure',
        timestamp: pino.stdTimeFunctions.isoTime,
      },
    );
    await records.count(1);
    expect(records.received[0]?.routingKey).toBe('app.order.info');
    expect(records.received[0]?.record).toMatchObject({
      message: 'told',
      log: { level: 'info' },
      labels: { level: 'notice' },
      error: { type: 'Error', message: 'x' },
    });
  });

  it('are redacted before they leave the process', async () => {
    await log((logger) => logger.info({ card: '4111', user: { password: 'x' } }, 'paid'), {
      redact: ['card', 'user.password'],
    });
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      card: '[Redacted]',
      user: { password: '[Redacted]' },
    });
  });
});

describe('a process that ends', () => {
  const logMany = `for (let n = 0; n < 2000; n += 1) logger.info({ n }, 'line ' + n);`;

  it.each([
    ['normally', '', 0],
    ['by process.exit right after logging', 'process.exit(0);', 0],
    ['by an uncaught exception', `throw new Error('boom');`, 1],
    [
      'by process.exit from a SIGTERM handler',
      `process.on('SIGTERM', () => process.exit(0)); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`,
      0,
    ],
  ])('%s loses nothing', async (_, ending, code) => {
    const outcome = await run(logMany + ending);
    expect(outcome.code).toBe(code);
    await records.count(2_000);
    expect(records.messages).toEqual(Array.from({ length: 2_000 }, (_unused, n) => `line ${n}`));
  });

  it('says once how many records could not be sent when the broker is not there', async () => {
    const port = await freePort();
    const outcome = await run(logMany, { url: `amqp://guest:secret@127.0.0.1:${port}` });
    expect(outcome.code).toBe(0);
    expect(outcome.durationMs).toBeLessThan(4_000);
    expect(outcome.standardError).toBe(
      `warren/pino: 2000 log records could not be sent to amqp://guest@127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port})\n`,
    );
  });

  it('says nothing, or prints every record, when it is told to', async () => {
    const url = `amqp://127.0.0.1:${await freePort()}`;
    const quiet = await run(logMany, { url, fallback: 'none' });
    expect(quiet.standardError).toBe('');
    const loud = await run(logMany, { url, fallback: 'records' });
    const printed = loud.standardError.trim().split('\n');
    expect(printed.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
      Array.from({ length: 2_000 }, (_unused, n) => n),
    );
  });

  it('ends within seconds when the broker accepts connections and never answers', async () => {
    const between = await AmqpProxy.start(broker.port);
    between.stall(true);
    const outcome = await run(`${logMany} process.exit(0);`, { url: between.url });
    await between.stop();
    expect(outcome.code).toBe(0);
    expect(outcome.durationMs).toBeLessThan(5_000);
    expect(outcome.standardError).toContain('2000 log records could not be sent');
  });
});

describe('the spool', () => {
  it('has every line that was flushed when the application is killed while the broker is away', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'warren-pino-'));
    const program = `
      for (let n = 0; n < 2000; n += 1) logger.info('line ' + n);
      logger.flush(() => process.kill(process.pid, 'SIGKILL'));`;
    const options = { spool: { directory } };
    const outcome = await run(program, { ...options, url: `amqp://127.0.0.1:${await freePort()}` });
    expect(outcome.code).toBe(null);
    // The end of a stream blocks this thread, and the broker in it: everything has to be there before.
    const stream = pino.transport({
      target,
      options: { url: broker.url, service: 'order', exchange: records.exchange, ...options },
    });
    pino({}, stream).info('after');
    await records.count(2_001);
    stream.end();
    await once(stream, 'close');
    expect(records.messages).toEqual([...Array.from({ length: 2_000 }, (_, n) => `line ${n}`), 'after']);
    rmSync(directory, { recursive: true });
  });
});

describe('the application', () => {
  it('is neither blocked nor bloated while the broker is away', async () => {
    const program = `
      const startedMs = Date.now();
      for (let batch = 0; batch < 200; batch += 1) {
        for (let n = 0; n < 1000; n += 1) logger.info({ n, text: 'x'.repeat(200) }, 'line');
        await new Promise(setImmediate);
      }
      process.exitCode = process.memoryUsage().rss < 400e6 ? 0 : 3;`;
    const url = `amqp://127.0.0.1:${await freePort()}`;
    const outcome = await run(program, { url, bufferRecordsMax: 1_000, closeTimeoutMs: 100 });
    expect(outcome.code).toBe(0);
    expect(outcome.standardError).toContain('200000 log records could not be sent');
  });

  it('is told of a bad option when the logger is made', async () => {
    const outcome = await run('', { overflow: 'never' as 'drop-oldest' });
    expect(outcome.code).not.toBe(0);
    expect(outcome.standardError).toContain('The option overflow must be drop-oldest or drop-newest.');
  });
});
