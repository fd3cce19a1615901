import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsoleUnderTest,
  logRecord,
  startConsoleUnderTest,
  until,
} from '../../../test/browser/console-under-test.js';
import type { Letter, LetterList, LogPage, ReplayOutcome } from '../model/api.js';

const RANGE = `from=${Date.now() - 3_600_000}&to=${Date.now() + 3_600_000}`;

describe('dead letters in the console', () => {
  let under: ConsoleUnderTest;

  beforeAll(async () => {
    under = await startConsoleUnderTest();
    await under.publish([logRecord('good', { more: { http: { status: 200 } } })]);
    await until('the first record being stored', () => found('good'));
    const poison = ['poison-1', 'poison-2'].map((id) =>
      logRecord(id, { level: 'error', message: `poison ${id}`, more: { http: { status: 'not a number' } } }),
    );
    await under.publish([...poison, logRecord('neighbour')]);
    await until('both letters being there', async () => (await list()).total === 2);
  });

  afterAll(() => under.stop());

  const list = () => under.read<LetterList>('dead-letters');
  const found = async (id: string) =>
    (await under.read<LogPage>(`logs?${RANGE}&query=event.id:${id}`)).rows.length > 0;
  const replay = async (which: { ids: string[] } | { all: true }) =>
    (await (await under.post('dead-letters/replay', which)).json()) as ReplayOutcome;

  it('are listed with their reason, while their neighbour is stored', async () => {
    const { letters } = await list();
    expect(letters.map((letter) => letter.message).sort()).toEqual(['poison poison-1', 'poison poison-2']);
    expect(letters[0]).toMatchObject({
      reason: 'mapping',
      status: 400,
      service: 'order',
      level: 'error',
      replays: 0,
    });
    await until('the neighbour being stored', () => found('neighbour'));
  });

  it('are shown in full, with the field and its type and what can be done', async () => {
    const [first] = (await list()).letters;
    const letter = await under.read<Letter>(`dead-letters/${encodeURIComponent(first?.id ?? '')}`);
    expect(JSON.parse(letter.body)).toMatchObject({ http: { status: 'not a number' } });
    expect(letter.conflict).toMatchObject({ field: 'http.status', type: 'long', mendable: true });
    expect((await fetch(`${under.url}/api/dead-letters/nothing`)).status).toBe(404);
  });

  it('come back when their cause is not mended, with a count of replays', async () => {
    const [first] = (await list()).letters;
    expect(await replay({ ids: [first?.id ?? '', 'nothing'] })).toMatchObject({
      replayed: 1,
      notFound: ['nothing'],
    });
    await until('the letter being back', async () => {
      const { letters } = await list();
      return letters.length === 2 && letters.some((letter) => letter.replays === 1);
    });
  });

  it('are stored by a replay once the field accepts such values, and leave the queue empty', async () => {
    const [first] = (await list()).letters;
    const mended = await under.post(
      `dead-letters/${encodeURIComponent(first?.id ?? '')}/accept-malformed`,
      {},
    );
    expect(await mended.json()).toMatchObject({ field: 'http.status' });
    expect(mended.status).toBe(200);
    expect(await replay({ all: true })).toMatchObject({ replayed: 2, left: 0 });
    await until('both being stored', async () => (await found('poison-1')) && (await found('poison-2')));
    expect((await list()).total).toBe(0);
  });
});
