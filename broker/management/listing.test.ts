import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import { arrange, type Listed, parseColumns, parseListing, pick } from './listing.js';

function listed(name: string, shown: object = {}, vhost = '/'): Listed {
  return { name, vhost, show: () => ({ name, vhost, ...shown }) };
}

async function namesOf(all: readonly Listed[], query: string): Promise<string[]> {
  const arranged = await arrange(all, parseListing(new URLSearchParams(query), ['vhost', 'name']));
  return arranged.listed.map(({ name }) => name);
}

test('a listing is sorted by virtual host and name, or by a field within fields, what lacks it first', async () => {
  const all = [
    listed('b', { stats: { n: 2 } }),
    listed('a', { stats: { n: 10 } }, 'w'),
    listed('c', { text: 'x' }),
  ];
  expect(await namesOf(all, '')).toEqual(['b', 'c', 'a']);
  expect(await namesOf(all, 'sort=stats.n')).toEqual(['c', 'b', 'a']);
  expect(await namesOf(all, 'sort=stats.n&sort_reverse=true')).toEqual(['a', 'b', 'c']);
  expect(await namesOf(all, 'sort=text')).toEqual(['b', 'a', 'c']);
  expect(await namesOf(all, 'sort=none.x')).toEqual(['b', 'c', 'a']);
});

test('a page has some of those whose names match', async () => {
  const all = ['q3', 'Q1', 'x', 'q2', 'q4'].map((name) => listed(name));
  expect(await namesOf(all, 'page=1&page_size=2&name=q')).toEqual(['Q1', 'q2']);
  expect(await namesOf(all, 'page=2&page_size=2&name=q')).toEqual(['q3', 'q4']);
  expect(await namesOf(all, 'page=1&name=^q%5B12%5D$&use_regex=true')).toEqual(['Q1', 'q2']);
  expect(await namesOf(all, 'name=x')).toHaveLength(5);
});

test('pages that cannot be are refused in the words of RabbitMQ', async () => {
  const all = [listed('q')];
  const wrong: [string, string, string][] = [
    [
      'page=0',
      'invalid_pagination_parameters',
      'Invalid pagination parameters: page number 0, page size undefined',
    ],
    [
      'page=1&page_size=501',
      'invalid_pagination_parameters',
      'Invalid pagination parameters: page number 1, page size 501',
    ],
    ['page=a', 'bad_request', 'Pagination parameters are invalid'],
    ['page=1&name=(&use_regex=true', 'bad_request', 'Pagination parameters are invalid'],
    ['page=3', 'page_out_of_range', 'Page out of range, page: 3 page size: 100, len: 1'],
  ];
  for (const [query, error, reason] of wrong) {
    await expect(namesOf(all, query)).rejects.toMatchObject({ status: 400, body: { error, reason } });
  }
});

test('an expression that would take for ever matches nothing, soon', async () => {
  const all = [listed(`${'a'.repeat(60)}!`)];
  const started = performance.now();
  expect(await namesOf(all, 'page=1&name=(a%2B)%2B$&use_regex=true')).toEqual([]);
  expect(performance.now() - started).toBeLessThan(2000);
});

test('columns are picked at any depth, and out of lists', () => {
  const shown = { name: 'q', stats: { publish: 1, details: { rate: 2 } }, list: [{ a: 1, b: 2 }] };
  const picked = (text: string): unknown => pick(shown, parseColumns(text) ?? 'all');
  expect(picked('name,stats.details.rate,list.a,none,__proto__.x')).toEqual({
    name: 'q',
    stats: { details: { rate: 2 } },
    list: [{ a: 1 }],
  });
  expect(picked('stats,stats.publish')).toEqual({ stats: shown.stats });
  expect(picked('')).toEqual([]);
});

test('a long listing is sorted as a short one, and leaves turns to others', async () => {
  const count = 20_000;
  const all = Array.from({ length: count }, (_, n) => listed(`q${(n * 7919) % count}`, { n: n % 10 }));
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const names = await namesOf(all, 'sort=n');
  clearInterval(timer);
  const expected = all
    .map((one) => one.show() as { n: number; name: string })
    .sort((left, right) => left.n - right.n || (left.name < right.name ? -1 : 1));
  expect(names).toEqual(expected.map(({ name }) => name));
  expect(turns).toBeGreaterThan(5);
});

test('thousands of queues are listed whole, by page and by column', async () => {
  const { broker, client } = await startManagedBroker();
  const channel = await broker.connect().openChannel();
  const count = 3000;
  await Promise.all(Array.from({ length: count }, (_, n) => channel.declareQueue(`q${n}`)));
  const all = (await client.get('/queues?columns=name')).json;
  expect(all).toHaveLength(count);
  expect(all.slice(0, 3)).toEqual([{ name: 'q0' }, { name: 'q1' }, { name: 'q10' }]);
  const page = (await client.get('/queues?page=30&page_size=100&columns=name,messages')).json;
  expect(page).toMatchObject({ page: 30, page_count: 30, total_count: count, item_count: 100 });
  expect(page.items.at(-1)).toEqual({ name: 'q999', messages: 0 });
  const some = (await client.get('/queues/%2F?page=1&name=q299&disable_stats=true')).json;
  expect(some).toMatchObject({ filtered_count: 11, total_count: count });
  expect(some.items[0]).not.toHaveProperty('messages');
});

test('an expression that takes too long for all the names is refused, and others are asked for all of them', async () => {
  const many = Array.from({ length: 100_000 }, (_, at) => listed(`${'a'.repeat(60)}${at}b`));
  const startedAt = performance.now();
  await expect(namesOf(many, 'page=1&name=^(a%2B)%2B$&use_regex=true')).rejects.toMatchObject({
    status: 400,
    body: {
      error: 'bad_request',
      reason: 'The regular expression takes too long for so many names',
    },
  });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  const watched = encodeURIComponent('^(a|b)+([0-9]*19999)b$');
  const some = many.slice(0, 20_000);
  expect(await namesOf(some, `page=1&name=${watched}&use_regex=true`)).toEqual([`${'a'.repeat(60)}19999b`]);
});
