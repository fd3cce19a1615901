import fastify, { type FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import type { LogRecord } from '../record.js';
import warrenFastify, { type WarrenFastifyOptions } from './plugin.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

let broker: TestBroker;
let records: ReceivedRecords;
let application: FastifyInstance;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  records = await ReceivedRecords.start(broker.url);
  application = fastify();
});
afterEach(async () => {
  await application.close();
  await records.stop();
});

/** Starts the application on a real socket; its address. */
async function start(options: WarrenFastifyOptions = {}): Promise<string> {
  await application.register(warrenFastify, {
    url: broker.url,
    service: 'order',
    exchange: records.exchange,
    // The end of this process would wait for a broker that lives in it.
    closeTimeoutMs: 0,
    fallback: 'none',
    ...options,
  });
  application.get('/orders', async (request) => {
    request.log.warn({ orderId: 17 }, 'slow order');
    return request.traceContext;
  });
  application.get('/broken', async () => {
    throw new TypeError('no stock');
  });
  return application.listen({ host: '127.0.0.1', port: 0 });
}

/** The records of requests; the others are those of the application itself. */
function ofRequests(): LogRecord[] {
  return records.received.map(({ record }) => record).filter((record) => record.trace !== undefined);
}

describe('a request', () => {
  it('logs all of its lines with one trace, span and request id, and the time it took', async () => {
    const url = await start();
    const response = await fetch(`${url}/orders?page=2`, {
      headers: { traceparent: `00-${TRACE}-${PARENT}-01`, 'x-request-id': 'r-1', 'user-agent': 'shop/1' },
    });
    const context = (await response.json()) as { spanId: string; traceparent: string };
    expect(response.headers.get('x-request-id')).toBe('r-1');
    expect(context.traceparent).toBe(`00-${TRACE}-${context.spanId}-01`);
    await records.until(() => ofRequests().length === 3);
    for (const record of ofRequests()) {
      expect(record).toMatchObject({
        service: { name: 'order' },
        trace: { id: TRACE },
        span: { id: context.spanId },
        parent: { id: PARENT },
        http: { request: { id: 'r-1' } },
      });
    }
    const [incoming, own, completed] = ofRequests();
    expect(incoming).toMatchObject({
      message: 'incoming request',
      http: { request: { method: 'GET' } },
      url: { path: '/orders', query: 'page=2' },
      client: { ip: '127.0.0.1' },
      user_agent: { original: 'shop/1' },
    });
    expect(own).toMatchObject({ message: 'slow order', log: { level: 'warn' }, orderId: 17 });
    expect(completed).toMatchObject({
      message: 'request completed',
      http: { response: { status_code: 200 } },
      event: { duration: expect.any(Number) as number },
    });
  });

  it('begins a trace of its own where none came, and gets an id where none fits', async () => {
    const url = await start();
    const malformed = { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01`, 'x-request-id': 'a b"\t' };
    const answers = [await fetch(`${url}/orders`), await fetch(`${url}/orders`, { headers: malformed })];
    await records.until(() => ofRequests().length === 6);
    const traces = new Set(ofRequests().map((record) => record.trace?.id));
    expect(traces.size).toBe(2);
    for (const trace of traces) expect(trace).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    for (const answer of answers) expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    for (const record of ofRequests()) expect(record).not.toHaveProperty('parent');
  });

  it('that fails logs its error with its stack', async () => {
    const url = await start();
    expect((await fetch(`${url}/broken`)).status).toBe(500);
    await records.until(() => ofRequests().some((record) => record.error !== undefined));
    const failed = ofRequests().find((record) => record.error !== undefined);
    expect(failed).toMatchObject({
      log: { level: 'error' },
      error: { type: 'TypeError', message: 'no stock' },
    });
    expect(failed?.error?.stack_trace).toContain('plugin.test');
  });

  it('for a path or a route that was there before the plugin has its trace as well', async () => {
    application.get('/early', async (request) => {
      request.log.info('early');
      return request.traceContext.traceId;
    });
    const url = await start();
    const trace = await (await fetch(`${url}/early`)).text();
    await fetch(`${url}/nowhere`, { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } });
    await records.until(
      () => ofRequests().filter(({ message }) => message === 'request completed').length === 2,
    );
    const traceOf = (message: string) => ofRequests().find((record) => record.message === message)?.trace?.id;
    expect(traceOf('early')).toBe(trace);
    expect(traceOf('Route GET:/nowhere not found')).toBe(TRACE);
  });
});

describe('the application', () => {
  it('logs its own lines to the broker, in plugins too, and has sent them when it is closed', async () => {
    await start({ redact: ['password'], level: 'debug' });
    application.log.debug({ password: 'secret' }, 'from the application');
    await application.close();
    await records.until(() => records.messages.includes('from the application'));
    expect(records.messages.some((message) => message.startsWith('Server listening at'))).toBe(true);
    const own = records.received.find(({ record }) => record.message === 'from the application');
    expect(own?.record).toMatchObject({ password: '[Redacted]', log: { level: 'debug' } });
  });

  it('may bring a logger of its own', async () => {
    const lines: string[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    const url = await start({ logger, requestIdHeader: false });
    const response = await fetch(`${url}/orders`, { headers: { 'x-request-id': 'r-1' } });
    const { traceId } = (await response.json()) as { traceId: string };
    expect(response.headers.has('x-request-id')).toBe(false);
    const slow = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((line) => line['orderId']);
    expect(slow).toMatchObject({
      'trace.id': traceId,
      'http.request.id': expect.not.stringMatching('r-1') as string,
    });
  });

  it('does not start with a bad option', async () => {
    await expect(start({ requestIdHeader: '' })).rejects.toThrow('The option requestIdHeader must be');
    await expect(fastify().register(warrenFastify, { closeTimeoutMs: -1 })).rejects.toThrow(
      'The option closeTimeoutMs must be from 0 to 8000.',
    );
  });
});
