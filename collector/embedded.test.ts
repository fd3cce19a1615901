import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LogStore } from '../store/store.js';
import { BrokerUnderTest } from '../test/fixtures/broker-under-test.js';
import { Collector } from './collector.js';
import { DeadLetterQueue } from './deadletter/dead-letter-queue.js';

let broker: BrokerUnderTest;
let dataDirectory: string;
let store: LogStore;
let client: Client;
let collector: Collector;

beforeEach(async () => {
  broker = await BrokerUnderTest.start();
  dataDirectory = await mkdtemp(join(tmpdir(), 'warren-collector-'));
  await openStore(0);
  collector = await Collector.start({
    brokerUrl: broker.url,
    elasticsearchUrl: `http://127.0.0.1:${store.port}`,
    topology: broker.topology,
    batchAgeMsMax: 50,
    retryDelayMsMax: 200,
  });
});

afterEach(async () => {
  await collector.stop();
  await client.close();
  await store.stop();
  await broker.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

async function openStore(port: number): Promise<void> {
  store = await LogStore.start({ port, dataDirectory });
  client = new Client({ node: `http://127.0.0.1:${store.port}` });
}

async function search(index: string, query: string) {
  const answer = await client.search<{ event: { id: string } }>({
    index,
    q: query,
    size: 1000,
    ignore_unavailable: true,
  });
  return answer.hits.hits;
}

async function found(index: string, query: string, count: number) {
  await vi.waitUntil(async () => (await search(index, query)).length === count, {
    timeout: 10_000,
    interval: 50,
  });
  return search(index, query);
}

test('a poison record is mended and replayed: indexed once, its neighbours untouched, no letter left', async () => {
  await broker.publishRecords(['first'], { amount: 1 });
  await vi.waitUntil(() => collector.status.delivered === 1);
  await broker.publishRecords(['before'], { amount: 2 });
  await broker.publishRecords(['poison'], { amount: 'a lot' });
  await broker.publishRecords(['after'], { amount: 3 });
  await broker.untilCount(broker.topology.deadQueue, 1);
  await found('logs-order-default', 'service.name:order', 3);

  const letters = new DeadLetterQueue({ brokerUrl: broker.url, queue: broker.topology.deadQueue });
  const [letter] = (await letters.list()).letters;
  expect(letter).toMatchObject({
    messageId: 'poison',
    reason: 'mapping',
    status: 400,
    index: 'logs-order-default',
    error: expect.stringContaining('amount'),
  });

  await client.indices.putMapping({
    index: 'logs-order-default',
    properties: { amount: { type: 'long', ignore_malformed: true } },
  });
  expect(await letters.replay({ ids: [letter!.id] })).toMatchObject({ replayed: 1, left: 0 });
  const [document] = await found('logs-order-default', 'event.id:poison', 1);
  expect(document?._source).toMatchObject({ amount: 'a lot', event: { id: 'poison' } });
  expect(await broker.count(broker.topology.deadQueue)).toBe(0);
});

test('records published while the store restarts are each there once', async () => {
  const { port } = store;
  const published: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const batch = Array.from({ length: 100 }, (_, position) => `r-${round}-${position}`);
    published.push(...batch);
    await broker.publishRecords(batch);
    if (round !== 1) continue;
    await client.close();
    await store.stop();
    await openStore(port);
  }
  const hits = await found('logs-order-default', 'service.name:order', 300);
  expect(hits.map(({ _id }) => _id).toSorted()).toEqual(published.toSorted());
});

test('a line of text is found by its service and level', async () => {
  await broker.publish('app.billing.error', 'disk full');
  const [document] = await found('logs-billing-default', 'log.level:error', 1);
  expect(document?._source).toMatchObject({ message: 'disk full', service: { name: 'billing' } });
});
