import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AmqpProxy } from '../test/support/amqp-proxy.js';
import { freePort } from '../test/support/free-port.js';
import { ReceivedRecords } from '../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../test/support/test-broker.js';
import { newEventId, Publisher, type PublisherOptions } from './publisher.js';
import type { LogRecord } from './record.js';

let broker: TestBroker;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function record(message: string, fields: Partial<LogRecord> = {}): LogRecord {
  return {
    '@timestamp': '2026-01-31T10:20:30.456Z',
    message,
    log: { level: 'info' },
    service: { name: 'order' },
    event: { id: newEventId() },
    ...fields,
  };
}

async function receive(bound = true): Promise<ReceivedRecords> {
  const records = await ReceivedRecords.start(broker.url, bound);
  cleanUps.push(() => records.stop());
  return records;
}

async function proxy(): Promise<AmqpProxy> {
  const started = await AmqpProxy.start(broker.port);
  cleanUps.push(() => started.stop());
  return started;
}

function publish(options: PublisherOptions): Publisher {
  const publisher = Publisher.start({ url: broker.url, reconnectMaxMs: 100, ...options });
  cleanUps.push(() => publisher.close(0));
  return publisher;
}

describe('a publisher', () => {
  it('sends a record with its routing key and properties, persistent', async () => {
    const records = await receive();
    const publisher = publish({ exchange: records.exchange });
    const sent = record('order placed', { log: { level: 'error' }, service: { name: 'Order API' } });
    publisher.publish(sent);
    await records.count(1);
    const [got] = records.received;
    expect(got?.routingKey).toBe('app.order-api.error');
    expect(got?.record).toEqual(sent);
    expect(got?.properties).toMatchObject({
      contentType: 'application/json',
      messageId: sent.event.id,
      timestamp: 1769854830,
      appId: 'Order API',
      type: 'log',
      deliveryMode: 2,
    });
  });

  it('has sent everything when close resolves', async () => {
    const records = await receive();
    const publisher = publish({ exchange: records.exchange });
    for (let n = 0; n < 5_000; n += 1) publisher.publish(record(`line ${n}`));
    expect(await publisher.close()).toBe(0);
    await records.count(5_000);
    expect(records.messages).toEqual(Array.from({ length: 5_000 }, (_, n) => `line ${n}`));
    expect(publisher.status).toMatchObject({
      state: 'closed',
      confirmed: 5_000,
      buffered: 0,
      bufferedBytes: 0,
    });
  });

  it('tells the fate of each record once it is confirmed', async () => {
    const records = await receive();
    const publisher = publish({ exchange: records.exchange });
    const outcome = await new Promise((resolve) => publisher.publish(record('one'), resolve));
    expect(outcome).toBe('confirmed');
  });

  it('loses nothing when connections break in mid-stream, and repeats only under the same id', async () => {
    const records = await receive();
    const between = await proxy();
    const publisher = publish({ url: between.url, exchange: records.exchange, windowRecordsMax: 100 });
    const sent: string[] = [];
    for (let batch = 0; batch < 20; batch += 1) {
      for (let n = 0; n < 200; n += 1) {
        const one = record(`line ${sent.length}`);
        sent.push(one.event.id);
        publisher.publish(one);
      }
      if (batch % 4 === 1) {
        await records.count(batch * 200 - 150);
        between.cut();
      }
    }
    await records.count(sent.length);
    expect(await publisher.flush(15_000)).toBe(true);
    expect(new Set(records.ids)).toEqual(new Set(sent));
    expect(publisher.status.connects).toBeGreaterThan(1);
    expect(publisher.status.dropped).toEqual({ overflow: 0, unencodable: 0, closed: 0 });
  });

  it('sends nothing while the broker blocks the connection, and goes on afterwards', async () => {
    const records = await receive();
    const between = await proxy();
    const publisher = publish({ url: between.url, exchange: records.exchange });
    await publisher.connected();
    between.block(true);
    await expect.poll(() => publisher.status.state).toBe('blocked');
    publisher.publish(record('late'));
    expect(await publisher.flush(100)).toBe(false);
    expect(publisher.status).toMatchObject({ published: 0, buffered: 1, inFlight: 0 });
    between.block(false);
    await records.count(1);
    expect(publisher.status.state).toBe('connected');
  });

  it('keeps what no queue takes until one does, and does not hold up other routing keys', async () => {
    const records = await receive(false);
    await records.bind('app.*.error');
    const publisher = publish({ exchange: records.exchange, unroutableRetryMaxMs: 200 });
    for (let n = 0; n < 300; n += 1) publisher.publish(record(`info ${n}`));
    publisher.publish(record('failed', { log: { level: 'error' } }));
    await records.count(1);
    expect(records.messages).toEqual(['failed']);
    expect(publisher.status.returned).toBeGreaterThan(0);
    await expect.poll(() => publisher.status.buffered).toBe(300);
    await records.bind('app.*.info');
    await records.count(301);
    expect(await publisher.flush()).toBe(true);
    expect(records.received).toHaveLength(301);
  });

  it('counts a record that no queue takes as sent when it is told to', async () => {
    const records = await receive(false);
    const publisher = publish({ exchange: records.exchange, mandatory: false });
    publisher.publish(record('nobody listens'));
    expect(await publisher.flush()).toBe(true);
    expect(publisher.status).toMatchObject({ confirmed: 1, returned: 0 });
  });

  it('drops the oldest records at the bound, counts them, and reports the count when the broker is back', async () => {
    const records = await receive();
    const between = await proxy();
    between.refuse(true);
    const bodies: string[] = [];
    const publisher = publish({
      url: between.url,
      exchange: records.exchange,
      service: 'order',
      bufferRecordsMax: 100,
      onDropped: (body, reason) =>
        bodies.push(`${reason} ${(JSON.parse(body.toString()) as LogRecord).message}`),
    });
    for (let n = 0; n < 150; n += 1) publisher.publish(record(`line ${n}`));
    expect(publisher.status).toMatchObject({ buffered: 100, dropped: { overflow: 50 } });
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, n) => `overflow line ${n}`));
    between.refuse(false);
    await records.count(101);
    const report = records.received.find(({ record: one }) => one.event.action === 'warren.agent.dropped');
    expect(report?.routingKey).toBe('app.order.warn');
    expect(report?.record).toMatchObject({ warren: { agent: { dropped: { total: 50, overflow: 50 } } } });
    expect(records.messages.slice(1)).toEqual(Array.from({ length: 100 }, (_, n) => `line ${n + 50}`));
  });

  it('drops the newest records instead when it is told to', async () => {
    const publisher = publish({
      url: `amqp://127.0.0.1:${await freePort()}`,
      bufferBytesMax: 10_000,
      overflow: 'drop-newest',
    });
    for (let n = 0; n < 150; n += 1) publisher.publish(record(`line ${n}`));
    const { buffered, bufferedBytes, dropped } = publisher.status;
    expect(bufferedBytes).toBeLessThanOrEqual(10_000);
    expect(buffered + dropped.overflow).toBe(150);
  });

  it('cuts a record that is too large down to its core and marks it', async () => {
    const records = await receive();
    const publisher = publish({ exchange: records.exchange, recordBytesMax: 10_000 });
    publisher.publish(record('é"'.repeat(10_000), { huge: 'x'.repeat(100_000) }));
    await records.count(1);
    const got = records.received[0]?.record;
    expect(JSON.stringify(got).length).toBeLessThan(10_000);
    expect(got).toMatchObject({ log: { level: 'info', flags: ['truncated'] }, service: { name: 'order' } });
    expect(got?.message.startsWith('é"é"')).toBe(true);
  });

  it('drops and counts what JSON cannot express instead of throwing', async () => {
    const publisher = publish({ url: `amqp://127.0.0.1:${await freePort()}` });
    publisher.publish(record('odd', { big: 1n }));
    expect(publisher.status).toMatchObject({ buffered: 0, dropped: { unencodable: 1 } });
  });

  it('gives up at once at the end when the broker was never there', async () => {
    const publisher = publish({ url: `amqp://guest:secret@127.0.0.1:${await freePort()}` });
    const outcomes: string[] = [];
    publisher.publish(record('lost'), (outcome) => outcomes.push(outcome));
    const startedMs = Date.now();
    expect(await publisher.close(5_000)).toBe(1);
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    expect(outcomes).toEqual(['dropped']);
    expect(publisher.status).toMatchObject({ state: 'closed', dropped: { closed: 1 } });
  });

  it('ends in time when the broker accepts connections and never answers', async () => {
    const between = await proxy();
    between.stall(true);
    const publisher = publish({ url: between.url });
    publisher.publish(record('lost'));
    const startedMs = Date.now();
    expect(await publisher.close(5_000)).toBe(1);
    expect(Date.now() - startedMs).toBeLessThan(2_000);
  });

  it('goes on to the next address of a list', async () => {
    const records = await receive();
    const url = [`amqp://127.0.0.1:${await freePort()}`, broker.url];
    const publisher = publish({ url, exchange: records.exchange });
    publisher.publish(record('found'));
    await records.count(1);
  });

  it('tries each address of a list before it gives up at the end', async () => {
    const records = await receive();
    const url = [`amqp://127.0.0.1:${await freePort()}`, broker.url];
    const publisher = publish({ url, exchange: records.exchange });
    publisher.publish(record('found'));
    expect(await publisher.close()).toBe(0);
    await records.count(1);
  });

  it('goes on when its exchange is deleted: it is declared again, and nothing is lost', async () => {
    const records = await receive();
    const publisher = publish({ exchange: records.exchange, unroutableRetryMaxMs: 100 });
    publisher.publish(record('before'));
    await records.count(1);
    await records.deleteExchange();
    publisher.publish(record('between'));
    await expect.poll(() => publisher.status.returned).toBeGreaterThan(0);
    await records.bind('#');
    await records.count(2);
    expect(records.messages).toEqual(['before', 'between']);
  });

  it('goes on trying when it is not let in, and says why without the password', async () => {
    const publisher = publish({ url: broker.url.replace('guest:guest', 'guest:secret') });
    const error = await publisher.connected(1_000).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_WARREN_BROKER_UNREACHABLE' });
    expect((error as Error).message).toContain('ACCESS');
    expect((error as Error).message).not.toContain('secret');
  });

  it('names the broker, what is wrong and what to do, but never the password', async () => {
    const port = await freePort();
    const publisher = publish({ url: `amqp://guest:secret@127.0.0.1:${port}/shop` });
    const error = await publisher.connected(1_000).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_WARREN_BROKER_UNREACHABLE' });
    const { message } = error as Error;
    expect(message).toContain(`amqp://guest@127.0.0.1:${port}/shop`);
    expect(message).toContain('ECONNREFUSED');
    expect(message).toContain('warren broker');
    expect(JSON.stringify([message, publisher.status, `${error}`])).not.toContain('secret');
  });

  it.each([
    [{ url: 'http://guest:secret@localhost' }, 'http:'],
    [{ url: 'guest:secret@localhost' }, 'URL'],
    [{ url: 'amqp://guest:secret@local host' }, 'not a URL'],
    [{ bufferRecordsMax: 0 }, 'bufferRecordsMax'],
    [{ windowBytesMax: Number.NaN }, 'windowBytesMax'],
    [{ overflow: 'drop-all' as 'drop-oldest' }, 'overflow'],
  ])('refuses the option %j', (options, named) => {
    let error: unknown;
    try {
      publish(options);
    } catch (reason) {
      error = reason;
    }
    expect(error).toMatchObject({ code: 'ERR_WARREN_AGENT_OPTION' });
    expect(String(error)).toContain(named);
    expect(String(error)).not.toContain('secret');
  });
});
