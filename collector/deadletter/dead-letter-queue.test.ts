import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerUnderTest } from '../../test/fixtures/broker-under-test.js';
import { DeadLetterQueue } from './dead-letter-queue.js';

let broker: BrokerUnderTest;
let letters: DeadLetterQueue;
let dead: string;

beforeEach(async () => {
  broker = await BrokerUnderTest.start();
  dead = broker.topology.deadQueue;
  letters = new DeadLetterQueue({ brokerUrl: broker.url, queue: dead });
});

afterEach(() => broker.stop());

/** Puts letters into the queue as the collector does. */
async function addLetters(count: number, more: { headers?: object; body?: object } = {}): Promise<void> {
  for (let position = 0; position < count; position += 1) {
    const body = { message: `letter ${position}`, service: { name: 'order' }, ...more.body };
    broker.channel.publish(
      broker.topology.deadExchange,
      'app.order.warn',
      Buffer.from(JSON.stringify(body)),
      {
        persistent: true,
        messageId: `m-${position}`,
        headers: {
          mine: 'kept',
          'x-warren-reason': 'mapping',
          'x-warren-error': 'document_parsing_exception: not a number',
          'x-warren-status': 400,
          'x-warren-index': 'logs-order-default',
          'x-warren-failed-at': `2026-01-02T03:04:${String(position % 60).padStart(2, '0')}.000Z`,
          'x-warren-attempts': 1,
          'x-warren-exchange': broker.topology.logsExchange,
          ...more.headers,
        },
      },
    );
  }
  await broker.channel.waitForConfirms();
}

async function messagesIn(queue: string): Promise<string[]> {
  const messages = await broker.takeAll(queue);
  return messages.map(({ content }) => (JSON.parse(content.toString()) as { message: string }).message);
}

describe('looking', () => {
  test('lists letters from the head of the queue with their reasons, and leaves them in their places', async () => {
    await addLetters(5);
    const list = await letters.list({ limit: 2 });
    expect(list).toMatchObject({ total: 5, looked: 5, truncated: true });
    expect(list.letters.map(({ message }) => message)).toEqual(['letter 0', 'letter 1']);
    expect(list.letters[0]).toMatchObject({
      messageId: 'm-0',
      source: 'collector',
      reason: 'mapping',
      error: 'document_parsing_exception: not a number',
      status: 400,
      index: 'logs-order-default',
      failedAt: '2026-01-02T03:04:00.000Z',
      attempts: 1,
      replays: 0,
      exchange: broker.topology.logsExchange,
      routingKey: 'app.order.warn',
      service: 'order',
      level: 'warn',
    });
    expect(list.groups).toEqual([
      {
        reason: 'mapping',
        service: 'order',
        count: 5,
        firstFailedAt: '2026-01-02T03:04:00.000Z',
        lastFailedAt: '2026-01-02T03:04:04.000Z',
      },
    ]);
    expect(await messagesIn(dead)).toEqual([0, 1, 2, 3, 4].map((position) => `letter ${position}`));
  });

  test('shows one letter in full, by its id or its message-id', async () => {
    await addLetters(3);
    const [, second] = (await letters.list()).letters;
    const shown = await letters.show(second!.id);
    expect(shown).toMatchObject({
      messageId: 'm-1',
      json: { message: 'letter 1' },
      properties: { messageId: 'm-1', deliveryMode: 2 },
      headers: { mine: 'kept', 'x-warren-status': 400 },
      deaths: [],
    });
    expect(await letters.show('m-1')).toEqual(shown);
    expect(await letters.show('nothing')).toBeUndefined();
    expect(await broker.count(dead)).toBe(3);
  });

  test('tells two letters with the same message-id apart, and two equal ones as well', async () => {
    await addLetters(1, { body: { copy: 1 } });
    await addLetters(1, { body: { copy: 2 } });
    await addLetters(1, { body: { copy: 2 } });
    const { letters: listed } = await letters.list();
    const names = listed.map(({ id }) => id);
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toBe(`${names[1]}-2`);
    for (const name of names) expect((await letters.show(name))?.id).toBe(name);
    expect(await letters.replay({ ids: [names[2]!] })).toMatchObject({ replayed: 1, left: 2 });
    expect(await letters.replay({ ids: ['m-0'] })).toMatchObject({ replayed: 2, left: 0 });
  });

  test('says that the queue is not there', async () => {
    const absent = new DeadLetterQueue({ brokerUrl: broker.url, queue: 'no-such-queue' });
    await expect(absent.list()).rejects.toMatchObject({ code: 'ERR_WARREN_QUEUE_MISSING' });
  });

  test('takes turns: what one call has fetched another still sees', async () => {
    await addLetters(20);
    const [first, second, shown] = await Promise.all([letters.list(), letters.list(), letters.show('m-19')]);
    expect(first.looked).toBe(20);
    expect(second).toEqual(first);
    expect(shown?.messageId).toBe('m-19');
  });

  test('exports every letter and purges only those selected', async () => {
    await addLetters(4);
    const seen: string[] = [];
    expect(await letters.export((letter) => void seen.push(letter.message))).toBe(4);
    expect(seen).toHaveLength(4);
    const where = (letter: { messageId: string | undefined }) => letter.messageId !== 'm-2';
    expect(await letters.purge({ where })).toEqual({ purged: 3, notFound: [], left: 1 });
    expect(await messagesIn(dead)).toEqual(['letter 2']);
  });
});

describe('replay', () => {
  test('sends the selected letters to where they came from, without what made them letters', async () => {
    await addLetters(4, { headers: { 'x-warren-replays': 2, 'x-warren-expiration': '3600000' } });
    const progress: number[] = [];
    const result = await letters.replay(
      { ids: ['m-1', 'm-3', 'm-9'] },
      { onProgress: ({ replayed }) => progress.push(replayed) },
    );
    expect(result).toEqual({ replayed: 2, notFound: ['m-9'], failures: [], failed: 0, left: 2 });
    expect(progress.at(-1)).toBe(2);
    const [first, second] = await broker.takeAll(broker.topology.indexQueue);
    expect(first?.fields).toMatchObject({
      exchange: broker.topology.logsExchange,
      routingKey: 'app.order.warn',
    });
    expect(first?.properties).toMatchObject({ messageId: 'm-1', deliveryMode: 2, expiration: '3600000' });
    expect(first?.properties.headers).toEqual({ mine: 'kept', 'x-warren-replays': 3 });
    expect(second?.properties.messageId).toBe('m-3');
    expect(await messagesIn(dead)).toEqual(['letter 0', 'letter 2']);
  });

  test('sends no more than its limit, from the head of the queue', async () => {
    await addLetters(5);
    expect(await letters.replay({ all: true }, { limit: 2 })).toMatchObject({ replayed: 2, left: 3 });
    expect(await messagesIn(broker.topology.indexQueue)).toEqual(['letter 0', 'letter 1']);
  });

  test('keeps the id that a record without message-id had in the index', async () => {
    await addLetters(1, { headers: { 'x-warren-event-id': 'e-1' } });
    await letters.replay({ all: true });
    const [message] = await broker.takeAll(broker.topology.indexQueue);
    expect(message?.properties.headers).toMatchObject({ 'x-warren-event-id': 'e-1' });
  });

  test('leaves a letter in its place that no queue wants, and says so', async () => {
    await addLetters(2);
    await broker.channel.unbindQueue(
      broker.topology.indexQueue,
      broker.topology.logsExchange,
      broker.topology.bindingKey,
    );
    const result = await letters.replay({ all: true });
    expect(result).toMatchObject({ replayed: 0, failed: 2, left: 2 });
    expect(result.failures[0]?.error).toMatch(/^no queue is bound to the exchange/);
    expect(await messagesIn(dead)).toEqual(['letter 0', 'letter 1']);
  });

  test('leaves a letter in its place whose exchange is gone, and one that nobody knows the origin of', async () => {
    await addLetters(1, { headers: { 'x-warren-exchange': 'gone' } });
    broker.channel.sendToQueue(dead, Buffer.from('stray'));
    await broker.channel.waitForConfirms();
    const result = await letters.replay({ all: true });
    expect(result.failures.map(({ error }) => error)).toEqual([
      'there is no exchange "gone"',
      'nothing tells where it was first published to',
    ]);
    expect(await broker.count(dead)).toBe(2);
  });

  test('cut off at any point loses no letter', async () => {
    await addLetters(200);
    for (const cutAfter of [1, 20, 60]) {
      let cuts = 0;
      const replaying = letters.replay(
        { all: true },
        {
          onProgress: ({ replayed }) => {
            if (replayed >= cutAfter && cuts === 0) {
              cuts += 1;
              broker.proxy.cut();
            }
          },
        },
      );
      await expect(replaying).rejects.toMatchObject({ code: 'ERR_WARREN_BROKER_LOST' });
      broker.proxy.open();
    }
    const inBoth = new Set<string>();
    // What the broker has put back and what it has passed on settles in its own time.
    while (inBoth.size < 200) {
      for (const queue of [dead, broker.topology.indexQueue]) {
        for (const message of await messagesIn(queue)) inBoth.add(message);
      }
    }
    expect(inBoth.size).toBe(200);
  });
});

describe("a broker's own dead letters", () => {
  test('of any queue are listed with their reason, and go back to the exchange they came from', async () => {
    const name = `test-${randomUUID().slice(0, 8)}`;
    const { channel } = broker;
    await channel.assertExchange(name, 'direct', { autoDelete: true });
    await channel.assertQueue(name, {
      autoDelete: false,
      durable: true,
      deadLetterExchange: broker.topology.deadExchange,
      deadLetterRoutingKey: 'another.key',
    });
    await channel.bindQueue(name, name, 'orders');
    channel.publish(name, 'orders', Buffer.from('{"message":"letter x"}'), { messageId: 'o-1' });
    await channel.waitForConfirms();
    const delivery = await channel.get(name);
    if (delivery !== false) channel.reject(delivery, false);
    await broker.untilCount(dead, 1);
    const [letter] = (await letters.list()).letters;
    expect(letter).toMatchObject({
      source: 'broker',
      reason: 'rejected',
      error: `a consumer of the queue "${name}" rejected it`,
      queue: name,
      exchange: name,
      routingKey: 'orders',
      status: 0,
    });
    expect((await letters.show(letter!.id))?.deaths).toMatchObject([
      { queue: name, reason: 'rejected', exchange: name, routingKeys: ['orders'], count: 1 },
    ]);
    expect(await letters.replay({ ids: [letter!.id] })).toMatchObject({ replayed: 1, left: 0 });
    const [again] = await broker.takeAll(name);
    expect(again?.fields.routingKey).toBe('orders');
    expect(again?.properties.headers).toEqual({ 'x-warren-replays': 1 });
    await channel.deleteQueue(name);
  });

  test('that had been sent to a queue by its name go back to that queue', async () => {
    const name = `test-${randomUUID().slice(0, 8)}`;
    const { channel } = broker;
    await channel.assertQueue(name, { deadLetterExchange: broker.topology.deadExchange, maxLength: 1 });
    channel.sendToQueue(name, Buffer.from('{"message":"pushed out"}'));
    channel.sendToQueue(name, Buffer.from('{"message":"pushes"}'));
    await channel.waitForConfirms();
    await broker.untilCount(dead, 1);
    const [letter] = (await letters.list()).letters;
    expect(letter).toMatchObject({ reason: 'maxlen', exchange: '', routingKey: name });
    await broker.takeAll(name);
    expect(await letters.replay({ all: true })).toMatchObject({ replayed: 1 });
    expect(await messagesIn(name)).toEqual(['pushed out']);
    await channel.deleteQueue(name);
  });
});
