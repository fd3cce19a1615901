import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsoleUnderTest,
  logRecord,
  startConsoleUnderTest,
  until,
} from '../../../test/browser/console-under-test.js';
import type { LogDocument, LogPage, LogSummary, NewestRecord, ValueCount } from '../model/api.js';

const HOUR_MS = 3_600_000;
const START = Math.floor(Date.now() / 1000) * 1000 - HOUR_MS / 2;
const RANGE = `from=${START - HOUR_MS}&to=${START + HOUR_MS}`;

/** 450 records, several of them within the same millisecond. */
const RECORDS = Array.from({ length: 450 }, (_, number) =>
  logRecord(`event-${String(number).padStart(4, '0')}`, {
    time: START + Math.floor(number / 7) * 1000,
    level: number % 10 === 0 ? 'error' : number % 4 === 0 ? 'warn' : 'info',
    service: number % 3 === 0 ? 'payment' : 'order',
    message: number % 10 === 0 ? `connection refused by gateway ${number}` : `handled request ${number}`,
    more: { http: { status: 200 + (number % 5) * 100 }, trace: { id: `trace-${number % 50}` } },
  }),
);

describe('searching in the console', () => {
  let under: ConsoleUnderTest;

  beforeAll(async () => {
    under = await startConsoleUnderTest();
    await under.publish(RECORDS);
    await until('all records being searchable', async () => {
      const { total } = await under.read<LogSummary>(`logs/summary?${RANGE}`);
      return total === RECORDS.length;
    });
  });

  afterAll(() => under.stop());

  async function everyId(query: string): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const place: string = after === '' ? '' : `&after=${after}`;
      const page: LogPage = await under.read<LogPage>(`logs?${RANGE}${query}${place}`);
      ids.push(...page.rows.map((row) => row.id));
      after = page.next;
    }
    return ids;
  }

  it('pages through every record once, newest first and oldest first', async () => {
    const newestFirst = await everyId('');
    expect(newestFirst).toHaveLength(RECORDS.length);
    expect(new Set(newestFirst).size).toBe(RECORDS.length);
    expect(await everyId('&order=asc')).toEqual([...newestFirst].reverse());
  });

  it('finds by words, phrases and fields of the query language, words joined by AND', async () => {
    expect(await everyId('&query=connection%20refused')).toHaveLength(45);
    expect(await everyId(`&query=${encodeURIComponent('"refused by gateway 10"')}`)).toEqual(['event-0010']);
    expect(
      await everyId(`&query=${encodeURIComponent('http.status:>=500 AND NOT log.level:error')}`),
    ).toHaveLength(RECORDS.filter((_, number) => number % 5 >= 3 && number % 10 !== 0).length);
  });

  it('counts by level over time and by service, each filter leaving its own counts alone', async () => {
    const all = await under.read<LogSummary>(`logs/summary?${RANGE}`);
    expect(all.totalExact).toBe(true);
    expect(all.series.map(({ level }) => level)).toEqual(['error', 'warn', 'info']);
    for (const series of all.series) {
      expect(series.buckets.reduce((sum, [, count]) => sum + count, 0)).toBe(series.count);
    }
    const errors = await under.read<LogSummary>(`logs/summary?${RANGE}&level=error&service=payment`);
    expect(errors.total).toBe(15);
    expect(errors.levels.map(({ value }) => value).sort()).toEqual(['error', 'info', 'warn']);
    expect(errors.services).toEqual(
      expect.arrayContaining([
        { value: 'order', count: 30 },
        { value: 'payment', count: 15 },
      ]),
    );
  });

  it('shows one record in full, and only within its index pattern', async () => {
    const page = await under.read<LogPage>(`logs?${RANGE}&query=event.id:event-0010&column=trace.id`);
    const row = page.rows[0];
    expect(row).toMatchObject({ id: 'event-0010', level: 'error', columns: ['trace-10'] });
    const place = `index=${encodeURIComponent(row?.index ?? '')}&id=event-0010`;
    const found = await under.read<LogDocument>(`logs/document?${place}`);
    expect(found.source).toMatchObject({ http: { status: 200 }, event: { id: 'event-0010' } });
    const outside = await fetch(`${under.url}/api/logs/document?index=.security&id=1`);
    expect(outside.status).toBe(404);
  });

  it('says in one line what is wrong with a query, and where', async () => {
    const reply = await fetch(
      `${under.url}/api/logs?${RANGE}&query=${encodeURIComponent('log.level:(error OR')}`,
    );
    expect(reply.status).toBe(400);
    const { error } = (await reply.json()) as { error: { code: string; message: string; column?: number } };
    expect(error.code).toBe('ERR_WARREN_QUERY');
    expect(error.message).toMatch(/^The query cannot be read: .* \(column \d+\)\.$/);
    expect(error.message).not.toContain('\n');
  });

  it('completes names of fields and the commonest values of one', async () => {
    await until('the new field being known', async () => {
      const { fields } = await under.read<{ fields: { name: string }[] }>('fields');
      const names = fields.map(({ name }) => name);
      return ['log.level', 'service.name', 'http.status'].every((name) => names.includes(name));
    });
    const asked = `fields/values?field=service.name&prefix=pay&${RANGE}`;
    const { values } = await under.read<{ values: ValueCount[] }>(asked);
    expect(values).toEqual([{ value: 'payment', count: 150 }]);
  });

  it('tells when the newest record was logged, so that an empty range is no dead end', async () => {
    const { any, matching } = await under.read<NewestRecord>('logs/newest?query=log.level:error');
    expect(Date.parse(any ?? '')).toBe(START + 64_000);
    expect(Date.parse(matching ?? '')).toBe(START + 62_000);
    expect((await under.read<NewestRecord>('logs/newest?query=nowhere')).matching).toBeNull();
  });

  it('refuses a place in the list that is none of its own', async () => {
    expect((await fetch(`${under.url}/api/logs?${RANGE}&after=nonsense`)).status).toBe(400);
    expect((await fetch(`${under.url}/api/logs?from=x&to=y`)).status).toBe(400);
  });
});
