import { expect, test } from 'vitest';
import { refusal, start, withLogs } from '../store.test.fixture.js';

test('a create that matches a template makes the data stream, and its documents are found in it', async () => {
  const { client } = await withLogs();
  const streams = await client.indices.getDataStream({ name: 'logs-*' });
  expect(streams.data_streams.map((stream) => stream.name).sort()).toEqual([
    'logs-order-test',
    'logs-payment-test',
  ]);
  expect((await client.count({ index: 'logs-order-*' })).count).toBe(30);
});

test('a document that conflicts with the mapping is refused alone, and stored after the mapping is mended', async () => {
  const { client } = await start();
  await client.indices.create({ index: 'orders', mappings: { properties: { amount: { type: 'float' } } } });
  const operations = [
    { create: { _index: 'orders', _id: 'good' } },
    { amount: 1 },
    { create: { _index: 'orders', _id: 'poison' } },
    { amount: 'twelve' },
    { create: { _index: 'orders', _id: 'good' } },
    { amount: 2 },
  ];
  const first = await client.bulk({ operations, refresh: true });
  expect(first.items.map((item) => item.create?.status)).toEqual([201, 400, 409]);
  expect(first.items[1]?.create?.error).toMatchObject({
    type: 'document_parsing_exception',
    reason:
      "[1:11] failed to parse field [amount] of type [float] in document with id 'poison'. Preview of field's value: 'twelve'",
    caused_by: { type: 'number_format_exception', reason: 'For input string: "twelve"' },
  });
  expect(first.items[2]?.create?.error?.type).toBe('version_conflict_engine_exception');
  expect(
    await refusal(client.indices.putMapping({ index: 'orders', properties: { amount: { type: 'long' } } })),
  ).toMatchObject({
    status: 400,
    type: 'illegal_argument_exception',
    reason: 'mapper [amount] cannot be changed from type [float] to [long]',
  });
  await client.indices.putMapping({
    index: 'orders',
    properties: { amount: { type: 'float', ignore_malformed: true } },
  });
  const second = await client.bulk({ operations: operations.slice(2, 4), refresh: true });
  expect(second.errors).toBe(false);
  expect((await client.count({ index: 'orders' })).count).toBe(2);
});

test('the source comes back byte for byte, whatever is in it', async () => {
  const { client, url } = await start();
  const source =
    '{ "z":1.0,"a" : "\\u0000 \\ud800 tab\\t é 日本",  "big":12345678901234567890123, "n":9007199254740993 }';
  const answer = await fetch(`${url}/plain/_doc/1?refresh=true`, {
    method: 'PUT',
    body: source,
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(400);
  const kept = source.replace('12345678901234567890123', '1.5e30');
  await fetch(`${url}/plain/_doc/1?refresh=true`, {
    method: 'PUT',
    body: kept,
    headers: { 'content-type': 'application/json' },
  });
  expect(await (await fetch(`${url}/plain/_search`)).text()).toContain(`"_source":${kept}`);
  expect(await (await fetch(`${url}/plain/_doc/1`)).text()).toContain(`"_source":${kept}`);
  expect((await client.count({ index: 'plain', query: { term: { n: '9007199254740993' } } })).count).toBe(1);
});

test('an acknowledged document is found by a search within a second without a refresh', async () => {
  const { client } = await start();
  await client.index({ index: 'soon', document: { a: 1 } });
  const startedAt = performance.now();
  while ((await client.count({ index: 'soon' })).count === 0) {
    if (performance.now() - startedAt > 5000) throw new Error('it is never found');
  }
  expect(performance.now() - startedAt).toBeLessThan(1500);
});

test('documents that come while a flush is under way become searchable without a further one', async () => {
  const { client } = await start({ flushMs: 20 });
  for (let round = 0; round < 8; round++) {
    const operations = Array.from({ length: 3000 }, (_, position) => [
      { create: { _index: 'stream' } },
      { '@timestamp': new Date(Date.UTC(2026, 0, 1 + (position % 4))).toISOString(), round, position },
    ]).flat();
    const answer = await client.bulk({ operations });
    expect(answer.errors).toBe(false);
  }
  const startedAt = performance.now();
  while ((await client.count({ index: 'stream' })).count < 24_000) {
    if (performance.now() - startedAt > 10_000) throw new Error('some are never found');
  }
  expect((await client.count({ index: 'stream' })).count).toBe(24_000);
});
