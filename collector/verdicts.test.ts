import { describe, expect, test } from 'vitest';
import { CollectorUnderTest, ids, isPoison, REFUSED } from '../test/fixtures/collector-under-test.js';
import { DeadLetterQueue } from './deadletter/dead-letter-queue.js';

const under = new CollectorUnderTest();

describe('verdicts', () => {
  test('a poison record is dead-lettered with its reason, untouched, and its neighbours are indexed', async () => {
    under.index.script = { onDocument: (document) => (isPoison(document) ? REFUSED : undefined) };
    await under.broker.publishRecords(ids(20, 'before'));
    const body = { message: 'poison', event: { id: 'p' }, amount: 'many' };
    await under.broker.publish('app.order.warn', body, {
      messageId: 'p',
      contentType: 'application/json',
      expiration: '3600000',
      headers: { mine: 'kept' },
    });
    await under.broker.publishRecords(ids(20, 'after'));
    const collector = await under.start();
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    await under.index.until(() => under.index.stored.size === 40);
    await collector.stop();
    const [letter] = await under.broker.takeAll(under.broker.topology.deadQueue);
    expect(letter?.content.toString()).toBe(JSON.stringify(body));
    expect(letter?.fields.routingKey).toBe('app.order.warn');
    expect(letter?.properties).toMatchObject({ messageId: 'p', contentType: 'application/json' });
    expect(letter?.properties.expiration).toBeUndefined();
    expect(letter?.properties.headers).toMatchObject({
      mine: 'kept',
      'x-warren-reason': 'mapping',
      'x-warren-error': 'document_parsing_exception: not a number',
      'x-warren-status': 400,
      'x-warren-index': 'logs-order-default',
      'x-warren-attempts': 1,
      'x-warren-exchange': under.broker.topology.logsExchange,
      'x-warren-expiration': '3600000',
    });
    expect(await under.broker.count(under.broker.topology.indexQueue)).toBe(0);
  });

  test('a body that cannot be taken is dead-lettered as malformed without asking the index', async () => {
    await under.broker.publish('app.order.warn', '{"a":', { contentType: 'application/json' });
    await under.start();
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    const [letter] = await under.broker.takeAll(under.broker.topology.deadQueue);
    expect(letter?.properties.headers).toMatchObject({
      'x-warren-reason': 'malformed',
      'x-warren-status': 0,
      'x-warren-attempts': 0,
    });
    expect(under.index.bulks).toEqual([]);
  });

  test('only the documents that were too many are sent again, until they are taken', async () => {
    const refusals = new Map<string, number>();
    under.index.script = {
      onDocument: ({ id }) => {
        const count = refusals.get(id) ?? 0;
        refusals.set(id, count + 1);
        const isBusy = id === 'r-3' && count < 4;
        return isBusy
          ? { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'busy' } }
          : undefined;
      },
    };
    await under.broker.publishRecords(ids(10));
    const collector = await under.start({ attemptsMax: 2 });
    await under.index.until(() => under.index.stored.size === 10);
    await collector.stop();
    expect(under.index.bulks.map((bulk) => bulk.length)).toEqual([10, 1, 1, 1, 1]);
    expect(await under.broker.count(under.broker.topology.deadQueue)).toBe(0);
    expect(await under.broker.count(under.broker.topology.indexQueue)).toBe(0);
  });

  test('a document that the index fails on is tried to the limit, then dead-lettered as rejected', async () => {
    under.index.script = {
      onDocument: (document) =>
        isPoison(document) ? { status: 500, error: { type: 'exception', reason: 'bug' } } : undefined,
    };
    await under.broker.publishRecords(['a', 'poison', 'b']);
    await under.start({ attemptsMax: 3 });
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    const [letter] = await under.broker.takeAll(under.broker.topology.deadQueue);
    expect(letter?.properties).toMatchObject({
      messageId: 'poison',
      headers: { 'x-warren-reason': 'rejected', 'x-warren-status': 500, 'x-warren-attempts': 3 },
    });
    expect(new Set(under.index.ids)).toEqual(new Set(['a', 'b']));
  });

  test('a bulk that is too large is split, down to the one document that is too large alone', async () => {
    under.index.script = { onBulk: (_, bytes) => (bytes > 1500 ? 413 : undefined) };
    await under.broker.publishRecords(ids(30));
    await under.broker.publishRecords(['giant'], { message: 'x'.repeat(5000) });
    await under.start();
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    await under.index.until(() => under.index.stored.size === 30);
    const [letter] = await under.broker.takeAll(under.broker.topology.deadQueue);
    expect(letter?.properties).toMatchObject({
      messageId: 'giant',
      headers: { 'x-warren-reason': 'too-large', 'x-warren-status': 413 },
    });
  });

  test('a document that makes the whole request fail is found by halving', async () => {
    under.index.script = { onBulk: (documents) => (documents.some(isPoison) ? 500 : undefined) };
    await under.broker.publishRecords([...ids(6), 'poison', ...ids(6, 's')]);
    await under.start({ attemptsMax: 2 });
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    await under.index.until(() => under.index.stored.size === 12);
    const [letter] = await under.broker.takeAll(under.broker.topology.deadQueue);
    expect(letter?.properties.messageId).toBe('poison');
  });

  test('a record that is replayed after mending is indexed once, and the dead letters are empty', async () => {
    under.index.script = { onDocument: (document) => (isPoison(document) ? REFUSED : undefined) };
    await under.broker.publish('app.order.warn', { message: 'poison without an id' });
    const collector = await under.start();
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    under.index.script = {};
    const letters = new DeadLetterQueue({
      brokerUrl: under.broker.url,
      queue: under.broker.topology.deadQueue,
    });
    const [letter] = (await letters.list()).letters;
    expect(letter).toMatchObject({ reason: 'mapping', replays: 0, service: 'order', level: 'warn' });
    expect(await letters.replay({ ids: [letter!.id] })).toMatchObject({ replayed: 1, left: 0 });
    await under.index.until(() => under.index.stored.size === 1);
    await collector.stop();
    const refused = under.index.bulks[0]?.[0]?.id;
    expect(under.index.ids).toEqual([refused]);
    expect(await under.broker.count(under.broker.topology.deadQueue)).toBe(0);
    expect(await under.broker.count(under.broker.topology.indexQueue)).toBe(0);
  });
});
