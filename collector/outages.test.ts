import { describe, expect, test, vi } from 'vitest';
import { CollectorUnderTest, ids, isPoison, REFUSED } from '../test/fixtures/collector-under-test.js';

const under = new CollectorUnderTest();

describe('an index that is away', () => {
  test('at the start is waited for, without an error', async () => {
    const restart = await under.stopIndex();
    await under.broker.publishRecords(ids(5));
    const collector = await under.start();
    expect(collector.status).toMatchObject({ broker: 'connected', index: 'waiting', held: 0 });
    await restart();
    await under.index.until(() => under.index.stored.size === 5);
    expect(collector.status.index).toBe('available');
  });

  test('pauses consumption at the prefetch, asks now and then, drops nothing, and then goes on', async () => {
    await under.broker.publishRecords(ids(1, 'first'));
    const collector = await under.start({
      prefetch: 40,
      batchCountMax: 10,
      retryDelayMsMin: 50,
      retryDelayMsMax: 200,
    });
    await under.index.until(() => under.index.stored.size === 1);
    under.index.script = { onBulk: () => 503 };
    await under.broker.publishRecords(ids(200));
    await under.broker.untilCount(under.broker.topology.indexQueue, 160);
    const before = under.index.bulks.length;
    const beganAtMs = performance.now();
    await under.index.until(() => under.index.bulks.length >= before + 4);
    // Four requests one after the other, each after a pause of at least half the backoff.
    expect(performance.now() - beganAtMs).toBeGreaterThan(150);
    expect(collector.status).toMatchObject({ index: 'waiting', held: 40 });
    expect(await under.broker.count(under.broker.topology.indexQueue)).toBe(160);
    under.index.script = {};
    await under.index.until(() => under.index.stored.size === 201);
    expect(new Set(under.index.ids).size).toBe(201);
    expect(await under.broker.count(under.broker.topology.deadQueue)).toBe(0);
  });

  test('gets its template again when it comes back without it', async () => {
    const collector = await under.start();
    const restart = await under.stopIndex();
    await under.broker.publishRecords(['r']);
    await vi.waitUntil(() => collector.status.index === 'waiting');
    await restart();
    await under.index.until(() => under.index.stored.size === 1);
    expect(under.index.templates.has('warren-logs')).toBe(true);
    await vi.waitUntil(() => collector.status.delivered === 1);
  });
});

describe('a broker that is away', () => {
  test('at the start, or one that refuses the user, or an address that is none, is one clear error', async () => {
    const stranger = new URL(under.broker.url);
    stranger.password = 'wrong';
    await expect(under.start({ brokerUrl: stranger.href })).rejects.toMatchObject({
      code: 'ERR_WARREN_BROKER_REFUSED',
      message: expect.not.stringContaining('wrong'),
    });
    await expect(under.start({ elasticsearchUrl: 'localhost:9200' })).rejects.toMatchObject({
      code: 'ERR_WARREN_INDEX_URL',
    });
    under.broker.proxy.cut();
    await expect(under.start()).rejects.toMatchObject({
      code: 'ERR_WARREN_BROKER_UNREACHABLE',
      message: expect.stringMatching(/^Cannot reach the broker at amqp:\/\/guest:\*\*\*@.*: start it with/),
    });
  });

  test('with a queue of the same name and other arguments is told in one clear error', async () => {
    const { channel, topology } = under.broker;
    await channel.deleteQueue(topology.indexQueue);
    await channel.assertQueue(topology.indexQueue, { durable: true });
    await expect(under.start()).rejects.toMatchObject({
      code: 'ERR_WARREN_TOPOLOGY',
      message: expect.stringContaining('inequivalent arg'),
    });
  });

  test('in mid-stream loses no record and doubles none', async () => {
    await under.broker.publishRecords(ids(3000));
    const collector = await under.start({ batchCountMax: 50 });
    for (const count of [500, 1200, 2000]) {
      await under.index.until(() => under.index.stored.size >= count);
      under.broker.proxy.cut();
      under.broker.proxy.open();
    }
    await under.index.until(() => under.index.stored.size === 3000);
    await under.broker.untilCount(under.broker.topology.indexQueue, 0);
    await collector.stop();
    expect(new Set(under.index.ids)).toEqual(new Set(ids(3000)));
    expect(await under.broker.count(under.broker.topology.indexQueue)).toBe(0);
  });

  test('while a record is dead-lettered costs neither the record nor its letter', async () => {
    under.index.script = {
      onDocument: (document) => {
        if (!isPoison(document)) return undefined;
        under.broker.proxy.cut();
        setTimeout(() => under.broker.proxy.open(), 50);
        under.index.script = { onDocument: (each) => (isPoison(each) ? REFUSED : undefined) };
        return REFUSED;
      },
    };
    await under.broker.publishRecords(['a', 'poison', 'b']);
    await under.start();
    await under.broker.untilCount(under.broker.topology.deadQueue, 1);
    await under.broker.untilCount(under.broker.topology.indexQueue, 0);
    expect(new Set(under.index.ids)).toEqual(new Set(['a', 'b']));
  });
});
