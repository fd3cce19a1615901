import { afterEach, expect, test } from 'vitest';
import { statementObserver } from '../query/parameters.js';
import { AT, refusal, start, withLogs } from '../store.test.fixture.js';

afterEach(() => {
  statementObserver.onStatement = undefined;
});

test("Grafana's logs request is answered newest first with sort values, fields, highlight and a histogram", async () => {
  const { client } = await withLogs();
  const answer = await client.msearch({
    searches: [
      { ignore_unavailable: true, index: ['logs-order-test', 'logs-payment-test'] },
      {
        size: 2,
        query: {
          bool: {
            filter: [
              { range: { '@timestamp': { gte: AT, lte: AT + 9 * 3_600_000, format: 'epoch_millis' } } },
              { query_string: { query: 'timeout AND log.level:error', analyze_wildcard: true } },
            ],
          },
        },
        sort: { '@timestamp': { order: 'desc', unmapped_type: 'boolean' }, _doc: { order: 'desc' } } as never,
        script_fields: {},
        docvalue_fields: ['@timestamp'],
        fields: [{ field: '@timestamp', format: 'strict_date_optional_time_nanos' }],
        highlight: {
          fields: { '*': {} },
          pre_tags: ['@HIGHLIGHT@'],
          post_tags: ['@/HIGHLIGHT@'],
          fragment_size: 2_147_483_647,
        },
        aggs: {
          '1': {
            date_histogram: {
              field: '@timestamp',
              fixed_interval: '10800000ms',
              min_doc_count: 0,
              extended_bounds: { min: AT, max: AT + 9 * 3_600_000 },
              format: 'epoch_millis',
            },
          },
        },
      },
    ],
  });
  const [first] = answer.responses;
  if (first === undefined || !('hits' in first)) throw new Error('the search failed');
  expect(first.hits.total).toEqual({ value: 4, relation: 'eq' });
  expect(first.hits.hits.map((hit) => hit._id)).toEqual(['id-9', 'id-6']);
  expect(first.hits.hits[0]?.sort?.[0]).toBe(AT + 9 * 3_600_000);
  expect(first.hits.hits[0]?.fields).toEqual({ '@timestamp': ['2026-03-29T05:00:00.000Z'] });
  expect(first.hits.hits[0]?.highlight?.['message']).toEqual([
    'Connection @HIGHLIGHT@timeout@/HIGHLIGHT@ to host-9',
  ]);
  const { aggregations } = first as unknown as {
    aggregations: { '1': { buckets: { doc_count: number }[] } };
  };
  expect(aggregations['1'].buckets.map((bucket) => bucket.doc_count)).toEqual([1, 1, 1, 1]);
});

test('search_after walks through everything once', async () => {
  const { client } = await withLogs();
  const seen: string[] = [];
  let after: (string | number)[] | undefined;
  for (;;) {
    const { hits } = (
      await client.search({
        index: 'logs-*',
        size: 7,
        sort: [{ '@timestamp': 'desc' }, { 'service.name': 'asc' }, { _doc: 'desc' }] as never,
        ...(after === undefined ? {} : { search_after: after }),
      })
    ).hits;
    if (hits.length === 0) break;
    seen.push(...hits.map((hit) => hit._id ?? ''));
    after = hits.at(-1)?.sort as (string | number)[];
  }
  expect(seen).toEqual(Array.from({ length: 60 }, (_, position) => `id-${59 - position}`));
});

test('aggregations nest, and count a document of several values once in each', async () => {
  const { client } = await withLogs();
  const answer = await client.search({
    index: 'logs-*',
    size: 0,
    aggs: {
      levels: {
        terms: { field: 'log.level' },
        aggs: {
          days: {
            date_histogram: { field: '@timestamp', calendar_interval: '1d', time_zone: 'Europe/Berlin' },
            aggs: { longest: { max: { field: 'duration' } } },
          },
        },
      },
      tags: { terms: { field: 'tags' } },
    },
  });
  const { levels, tags } = answer.aggregations as unknown as {
    levels: {
      buckets: {
        key: string;
        doc_count: number;
        days: { buckets: { key_as_string: string; doc_count: number; longest: { value: number } }[] };
      }[];
    };
    tags: { buckets: { key: string; doc_count: number }[] };
  };
  expect(levels.buckets.map(({ key, doc_count }) => [key, doc_count])).toEqual([
    ['info', 40],
    ['error', 20],
  ]);
  expect(levels.buckets[1]?.days.buckets[0]).toMatchObject({
    key_as_string: '2026-03-28T00:00:00.000+01:00',
    doc_count: 1,
    longest: { value: 0.5 },
  });
  expect(tags.buckets.map(({ key, doc_count }) => [key, doc_count])).toEqual([
    ['a', 60],
    ['t0', 30],
    ['t1', 30],
  ]);
});

test('one search over indices that map a field differently asks each by its own mapping', async () => {
  const { client } = await start();
  await client.bulk({
    refresh: true,
    operations: [
      { index: { _index: 'numbers', _id: '1' } },
      { code: 404 },
      { index: { _index: 'words', _id: '2' } },
      { code: 'E404' },
      { index: { _index: 'words', _id: '3' } },
      { code: '404' },
    ],
  });
  const found = await client.search({
    index: 'numbers,words',
    query: { query_string: { query: 'code:404' } },
  });
  expect(found.hits.hits.map((hit) => hit._id).sort()).toEqual(['1', '3']);
  const counts = await client.search({
    index: '*',
    size: 0,
    aggs: { codes: { terms: { field: 'code.keyword' } } },
  });
  expect(
    (counts.aggregations as unknown as { codes: { buckets: { key: string }[] } }).codes.buckets.map(
      ({ key }) => key,
    ),
  ).toEqual(['404', 'E404']);
});

test('what is not supported is refused by name', async () => {
  const { client } = await withLogs();
  const search = (body: object): Promise<unknown> => client.search({ index: 'logs-*', ...body });
  expect(await refusal(search({ query: { nonsense: {} } }))).toMatchObject({
    status: 400,
    type: 'parsing_exception',
    reason: 'unknown query [nonsense]',
  });
  expect(await refusal(search({ aggs: { x: { scripted_metric: {} } } }))).toMatchObject({
    status: 400,
    reason: 'Unknown aggregation type [scripted_metric]',
  });
  expect(await refusal(search({ body: { knn_search: {} } }))).toMatchObject({
    status: 400,
    reason: 'Unknown key for a START_OBJECT in [knn_search].',
  });
  expect(await refusal(search({ from: 9990, size: 100 }))).toMatchObject({
    status: 400,
    cause: expect.stringMatching(/^Result window is too large/),
  });
  expect(await refusal(search({ sort: ['message'] }))).toMatchObject({
    status: 400,
    cause: expect.stringMatching(/^Fielddata is disabled on \[message\]/),
  });
  expect(await refusal(search({ query: { query_string: { query: 'a:(' } } }))).toMatchObject({
    status: 400,
    cause: 'Failed to parse query [a:(]',
  });
  expect(
    await refusal(
      search({ aggs: { x: { date_histogram: { field: '@timestamp', fixed_interval: '1ms' } } } }),
    ),
  ).toMatchObject({ status: 400, cause: expect.stringMatching(/^Trying to create too many buckets/) });
  expect(await refusal(client.search({ index: 'absent' }))).toMatchObject({
    status: 404,
    type: 'index_not_found_exception',
  });
  await expect(client.ilm.getLifecycle()).rejects.toMatchObject({
    meta: { statusCode: 400, body: { error: 'no handler found for uri [/_ilm/policy] and method [GET]' } },
  });
});

test("a user's text never becomes part of the SQL", async () => {
  const { client } = await withLogs();
  const statements: string[] = [];
  statementObserver.onStatement = (sql) => statements.push(sql);
  const evil = `x'); DROP TABLE t1; --`;
  const bodies: object[] = [
    { query: { term: { 'log.level': evil } } },
    { query: { match: { message: evil } } },
    { query: { match_phrase: { message: evil } } },
    { query: { prefix: { 'log.level': evil } } },
    { query: { wildcard: { 'log.level': `*${evil}*` } } },
    { query: { fuzzy: { 'log.level': evil } } },
    { query: { ids: { values: [evil] } } },
    { query: { exists: { field: evil } } },
    { query: { range: { 'log.level': { gte: evil } } } },
    { query: { term: { [evil]: evil } } },
    { query: { query_string: { query: JSON.stringify(evil) } } },
    { sort: [{ [evil]: { order: 'asc', unmapped_type: 'keyword' } }] },
    { sort: [{ 'log.level': 'asc' }], search_after: [evil] },
    {
      size: 0,
      aggs: { [evil.replaceAll('>', '')]: { terms: { field: 'log.level', missing: evil, include: [evil] } } },
    },
    { size: 0, aggs: { a: { terms: { field: evil, missing: evil } } } },
    { size: 0, aggs: { a: { filters: { filters: { [evil]: { term: { 'log.level': evil } } } } } } },
  ];
  for (const body of bodies) await client.search({ index: 'logs-*', ...body });
  expect(statements.length).toBeGreaterThan(bodies.length);
  for (const sql of statements) expect(sql).not.toMatch(/DROP|--|x'\)/i);
  expect((await client.count({ index: 'logs-*' })).count).toBe(60);
});
