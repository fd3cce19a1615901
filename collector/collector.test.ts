import { describe, expect, test } from 'vitest';
import { CollectorUnderTest, ids } from '../test/fixtures/collector-under-test.js';
import type { SentDocument } from '../test/fixtures/scripted-index.js';

const under = new CollectorUnderTest();

describe('shipping', () => {
  test('every record is indexed once, in the data stream of its service, and acked', async () => {
    await under.broker.publishRecords(ids(250));
    const collector = await under.start({ batchCountMax: 100 });
    await under.index.until(() => under.index.stored.size === 250);
    await collector.stop();
    expect(new Set(under.index.ids)).toEqual(new Set(ids(250)));
    expect(new Set([...under.index.stored.values()].map((document) => document.index))).toEqual(
      new Set(['logs-order-default']),
    );
    expect(await under.broker.count(under.broker.topology.indexQueue)).toBe(0);
    expect(under.index.templates.has('warren-logs')).toBe(true);
  });

  test('a batch is full at its count', async () => {
    await under.broker.publishRecords(ids(25));
    await under.start({ batchCountMax: 10, batchAgeMsMax: 50 });
    await under.index.until(() => under.index.stored.size === 25);
    expect(under.index.bulks.map((bulk) => bulk.length).toSorted((a, b) => b - a)).toEqual([10, 10, 5]);
  });

  test('a batch is full at its bytes, and a larger document goes alone', async () => {
    await under.broker.publishRecords(['small-1', 'small-2']);
    await under.broker.publishRecords(['large'], { message: 'x'.repeat(2000) });
    await under.start({ batchBytesMax: 500, batchCountMax: 100, bulksInFlightMax: 1 });
    await under.index.until(() => under.index.stored.size === 3);
    expect(under.index.bulks.map((bulk) => bulk.map(({ id }) => id))).toEqual([
      ['small-1', 'small-2'],
      ['large'],
    ]);
  });

  test('a record that is there already counts as delivered', async () => {
    await under.broker.publishRecords(['same']);
    await under.broker.publishRecords(['same']);
    const collector = await under.start();
    await under.index.until(() => under.index.bulks.flat().length === 2);
    await collector.stop();
    expect(under.index.stored.size).toBe(1);
    expect(await under.broker.count(under.broker.topology.deadQueue)).toBe(0);
    expect(collector.status).toMatchObject({ delivered: 2, rejected: 0, held: 0 });
  });

  test('a foreign text message is indexed with what its key tells', async () => {
    await under.broker.publish('app.billing.error', 'disk full\n');
    await under.start();
    await under.index.until(() => under.index.stored.size === 1);
    const [document] = under.index.stored.values();
    expect(document?.index).toBe('logs-billing-default');
    expect(JSON.parse(document!.source)).toMatchObject({
      message: 'disk full',
      log: { level: 'error' },
      event: { id: document?.id },
    });
  });

  test('a server without data streams gets plain indices by the day of the record', async () => {
    under.index.script = { hasDataStreams: false };
    await under.broker.publishRecords(['r'], { '@timestamp': '2026-03-01T23:30:00.000-02:00' });
    await under.start();
    await under.index.until(() => under.index.stored.size === 1);
    expect([...under.index.stored.keys()]).toEqual(['logs-order-default-2026.03.02/r']);
  });
});

describe('stop', () => {
  test('ships what has been delivered, acks it, and leaves the rest to the queue', async () => {
    await under.broker.publishRecords(ids(500));
    const collector = await under.start({ batchCountMax: 20, prefetch: 60, bulksInFlightMax: 1 });
    await under.index.until(() => under.index.stored.size >= 100);
    await collector.stop();
    const left = await under.broker.count(under.broker.topology.indexQueue);
    expect(left + under.index.stored.size).toBe(500);
    expect(collector.status.held).toBe(0);
    await collector.stop();
  });

  test('does not wait for an index that is away; everything is the queue’s again', async () => {
    const collector = await under.start({ drainMsMax: 60_000 });
    under.index.script = { onBulk: () => 503 };
    await under.broker.publishRecords(ids(10));
    await under.index.until(() => under.index.bulks.length >= 2);
    await collector.stop();
    await under.broker.untilCount(under.broker.topology.indexQueue, 10);
  });

  test('does not wait for ever for an answer that never comes', async () => {
    const silent: SentDocument[][] = [];
    under.index.script = {
      onBulk: (documents) => {
        silent.push(documents);
        return -1;
      },
    };
    await under.broker.publishRecords(ids(3));
    const collector = await under.start({ drainMsMax: 100 });
    await under.index.until(() => silent.length === 1);
    await collector.stop();
    await under.broker.untilCount(under.broker.topology.indexQueue, 3);
  });
});
