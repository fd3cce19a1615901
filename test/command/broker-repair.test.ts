/** `warren broker check` and `warren broker repair` on databases that are really damaged. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataDirectoryUnderTest, flip, overwrite } from '../support/data-directory.js';
import { type Outcome, runWarren, TemporaryDirectory, WarrenProcess } from '../warren-process.js';

const MESSAGES = 4000;
const BYTES = 300;

let root: TemporaryDirectory;
let directory: DataDirectoryUnderTest;

beforeEach(() => {
  root = new TemporaryDirectory();
  directory = new DataDirectoryUnderTest(join(root.path, 'broker'));
});

afterEach(() => root[Symbol.dispose]());

const warren = (...parameters: string[]): Promise<Outcome> =>
  runWarren(['broker', ...parameters, '--data-dir', root.path]);

interface Found {
  problems: string[];
  notes: string[];
  queues: { queue: string; messages: number; bytes: number; saved: number; lost: number }[];
  messages: number;
  aside: string;
  remarks: string[];
}

async function check(): Promise<Found & { exitCode: number | null }> {
  const { stdout, exitCode } = await warren('check', '--json');
  return { ...(JSON.parse(stdout) as Found), exitCode };
}

async function repair(): Promise<Found> {
  const { stdout, stderr, exitCode } = await warren('repair', '--yes', '--json');
  expect([stderr, exitCode]).toEqual(['', 0]);
  expect((await check()).problems).toEqual([]);
  return JSON.parse(stdout) as Found;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Every file of the directory with what is in it. */
function files(): Map<string, string> {
  return new Map(
    readdirSync(directory.path).map((name) => [name, readFileSync(join(directory.path, name), 'base64')]),
  );
}

// Each starts several processes.
vi.setConfig({ testTimeout: 60_000 });

describe('warren broker check', () => {
  it('counts what is in a whole database, and leaves it as it is', async () => {
    await directory.fill(['one', 'two'], 10, BYTES);
    const before = files();
    const { stdout, exitCode } = await warren('check');
    expect(stdout).toMatch(/^one +10 +3000$/m);
    expect(stdout).toMatch(/No damage was found/);
    expect(exitCode).toBe(0);
    expect(await check()).toMatchObject({ exitCode: 0, messages: 20, bytes: 6000, problems: [] });
    expect(files()).toEqual(before);
  });

  it('counts a message in several queues once, and so does a repair', async () => {
    await directory.fill(['one', 'two'], 1, BYTES);
    await directory.during(async (channel) => {
      for (const queue of ['one', 'two']) await channel.bindQueue(queue, 'amq.fanout', '');
      for (const index of numbers(500)) {
        channel.publish('amq.fanout', '', Buffer.from(`x ${index} `.padEnd(BYTES)), { persistent: true });
      }
      await channel.waitForConfirms();
      for (let taken = 0; taken < 100; taken++) {
        const message = await channel.get('one');
        if (message !== false) channel.ack(message);
      }
      await channel.checkQueue('one');
    });
    expect(await check()).toMatchObject({ exitCode: 0, messages: 501, problems: [], notes: [] });
    directory.spoil(directory.pagesOf('message', 'leaf')[10] as number);
    const { queues } = await repair();
    const [one, two] = queues;
    expect([(one?.saved ?? 0) + (one?.lost ?? 0), (two?.saved ?? 0) + (two?.lost ?? 0)]).toEqual([401, 501]);
    expect(await directory.drain('one')).toHaveLength(one?.saved ?? 0);
    expect(await check()).toMatchObject({ problems: [], messages: two?.saved });
    expect(await directory.drain('two')).toHaveLength(two?.saved ?? 0);
    expect(await check()).toMatchObject({ problems: [], messages: 0 });
  });

  it('is refused while a broker uses the directory, and where there is none', async () => {
    expect(await warren('check')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^warren: there is no data directory/),
    });
    mkdirSync(directory.path);
    expect(await warren('check')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^warren: there is no database in/),
    });
    await using _running = await WarrenProcess.start(['broker'], { WARREN_DATA_DIR: root.path });
    for (const command of ['check', 'repair']) {
      const { exitCode, stderr } = await warren(command);
      expect(stderr).toMatch(/^warren: another broker is using the data directory .*\n$/);
      expect(exitCode).toBe(1);
    }
  });

  it('tells of a damaged page, of a flipped bit in a body, and of what belongs to nothing', async () => {
    await directory.fill(['one'], 200, 5000);
    const page = directory.query((database) =>
      database
        .prepare(`SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'overflow'`)
        .pluck()
        .get(),
    );
    flip(directory.database, ((page as number) - 1) * 4096 + 1000);
    const [flipped] = (await check()).problems;
    expect(flipped).toMatch(/^message \d+ differs from its checksum$/);
    directory.query((database) => {
      database.exec(`DELETE FROM message WHERE id IN (SELECT id FROM message ORDER BY id LIMIT 3 OFFSET 20);
        DELETE FROM entry WHERE message IN (SELECT max(message) FROM entry);
        UPDATE entry SET body_bytes = 1 WHERE message IN (SELECT min(message) + 5 FROM entry);
        UPDATE queue SET arguments = 'AAAA/w==';
        INSERT INTO binding (source, kind, destination, routing_key, arguments)
          VALUES ('gone', 'queue', 'one', 'k', 'AAAAAA==');
        INSERT INTO entry (queue, message, expires_at, priority, body_bytes)
          SELECT 99, id, 0, 0, 5000 FROM message LIMIT 1;`);
    });
    const { problems, exitCode } = await check();
    expect(problems).toEqual([
      "the arguments of queue 'one' cannot be read",
      "a binding from exchange 'gone' to queue 'one' lacks one of the two",
      '1 messages are in more or fewer queues than they count',
      '3 entries lack their message',
      '1 messages are in no queue',
      '1 entries differ from their message in the size of the body',
      flipped,
    ]);
    expect(exitCode).toBe(1);
    directory.spoil(directory.pagesOf('entry', 'leaf')[0] as number);
    expect((await check()).problems.join('\n')).toMatch(/Tree \d+ page \d+/);
  });
});

describe('warren broker repair', () => {
  it('leaves a whole database alone, asks where nobody can answer, and rehearses', async () => {
    await directory.fill(['one'], 2000, BYTES);
    const whole = files();
    expect((await warren('repair', '--yes')).stdout).toBe('No damage was found; nothing was changed\n');
    expect(files()).toEqual(whole);
    directory.spoil(directory.pagesOf('message', 'leaf')[5] as number);
    const damaged = files();
    expect(await warren('repair')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/say --yes, or --dry-run/),
    });
    const { stdout, exitCode } = await warren('repair', '--dry-run');
    expect(stdout).toMatch(/^one +19\d\d +\d+$/m);
    expect(stdout).toMatch(/would be saved/);
    expect(exitCode).toBe(0);
    expect(files()).toEqual(damaged);
  });

  it('saves everything but the messages of a damaged page, in order, and sets the damaged file aside', async () => {
    await directory.fill(['one', 'two'], MESSAGES, BYTES);
    directory.spoil(directory.pagesOf('message', 'leaf')[20] as number);
    const damaged = readFileSync(directory.database);
    const { queues, messages, aside } = await repair();
    const lost = queues.map((queue) => queue.lost);
    // So many messages of 300 octets are on a page of 4,096.
    expect((lost[0] ?? 0) + (lost[1] ?? 0)).toBeGreaterThan(5);
    expect((lost[0] ?? 0) + (lost[1] ?? 0)).toBeLessThan(14);
    expect(queues.map(({ saved }) => saved)).toEqual(lost.map((count) => MESSAGES - count));
    expect(messages).toBe(2 * MESSAGES - (lost[0] ?? 0) - (lost[1] ?? 0));
    expect(aside).toMatch(/broker\.sqlite\.damaged-\d{8}T\d{6}Z$/);
    expect(readFileSync(aside).equals(damaged)).toBe(true);
    for (const [index, queue] of ['one', 'two'].entries()) {
      const found = await directory.drain(queue);
      expect(found).toHaveLength(MESSAGES - (lost[index] ?? 0));
      expect(found).toEqual([...new Set(found)].sort((left, right) => left - right));
    }
  });

  it('finds every message where the pages that lead to them are damaged', async () => {
    await directory.fill(['one'], MESSAGES, BYTES);
    for (const page of directory.pagesOf('message', 'internal')) directory.spoil(page);
    expect(await repair()).toMatchObject({
      messages: MESSAGES,
      queues: [{ queue: 'one', saved: MESSAGES, lost: 0 }],
    });
    expect(await directory.drain('one')).toEqual(numbers(MESSAGES));
  });

  it('finds large messages as well, and does not bring back those that were acked', async () => {
    await directory.fill(['gone', 'one'], 100, 20_000);
    await directory.drain('gone');
    for (const page of directory.pagesOf('message', 'internal')) directory.spoil(page);
    expect(await repair()).toMatchObject({ messages: 100 });
    expect(await directory.drain('one')).toEqual(numbers(100));
    expect(await directory.drain('gone')).toEqual([]);
  });

  it('keeps messages whose place is lost in a queue of their own', async () => {
    await directory.fill(['one'], MESSAGES, BYTES);
    directory.spoil(directory.pagesOf('entry', 'leaf')[3] as number);
    const { queues, messages } = await repair();
    expect(messages).toBe(MESSAGES);
    const [one, salvaged] = queues;
    expect([one?.queue, salvaged?.queue]).toEqual(['one', 'warren.salvaged']);
    expect((one?.saved ?? 0) + (salvaged?.saved ?? 0)).toBe(MESSAGES);
    expect(salvaged?.saved).toBeGreaterThan(50);
    const found = [...(await directory.drain('one')), ...(await directory.drain('warren.salvaged'))];
    expect(found.sort((left, right) => left - right)).toEqual(numbers(MESSAGES));
  });

  it('reads a file without its header, or without its first page', async () => {
    for (const bytes of [100, 4096]) {
      await directory.fill(['one'], 500, BYTES);
      overwrite(directory.database, 0, Buffer.alloc(bytes));
      expect((await check()).problems[0]).toMatch(/header cannot be read/);
      expect(await repair()).toMatchObject({ messages: 500, remarks: ['the first page was made anew'] });
      expect(await directory.drain('one')).toEqual(numbers(500));
    }
  });

  it('saves what is left of a file that was cut', async () => {
    await directory.fill(['one'], MESSAGES, BYTES);
    truncateSync(directory.database, Math.floor(statSync(directory.database).size / 8192) * 4096);
    const { queues } = await repair();
    const saved = queues.reduce((sum, queue) => sum + queue.saved, 0);
    expect(saved).toBeGreaterThan(MESSAGES / 3);
    expect(saved).toBeLessThan((MESSAGES * 2) / 3);
  });

  it('goes on without a log that is missing, and says so', async () => {
    await directory.fill(['one'], 10, BYTES);
    writeFileSync(`${directory.path}/broker.running`, '');
    expect((await check()).problems[0]).toMatch(/broker\.sqlite-wal: the file is missing/);
    expect((await warren('repair', '--yes')).stdout).toMatch(/broker\.sqlite-wal: the file is missing/);
    expect(existsSync(`${directory.path}/broker.running`)).toBe(false);
    expect(await directory.drain('one')).toEqual(numbers(10));
  });
});

describe('warren broker', () => {
  it('ends with one clear line when the database is damaged', async () => {
    await directory.fill(['one'], 10, BYTES);
    overwrite(directory.database, 0, Buffer.alloc(100));
    const { exitCode, stderr } = await warren();
    expect(stderr).toMatch(
      /^warren: .*broker\.sqlite is damaged .*warren broker check.*warren broker repair.*\n$/,
    );
    expect(exitCode).toBe(1);
  });

  it('ends with one clear line when the database turns out to be damaged while it runs', async () => {
    await directory.fill(['one'], 10, BYTES);
    directory.query((database) =>
      database.exec('DELETE FROM message WHERE id IN (SELECT max(id) FROM message)'),
    );
    await using running = await WarrenProcess.start(['broker'], { WARREN_DATA_DIR: root.path });
    await directory.consume(running.brokerUrl, 'one');
    const { exitCode, stderr } = await running.outcome();
    expect(stderr).toMatch(
      /^warren: .*broker\.sqlite is damaged \(message \d+ is missing.*warren broker check.*\n$/m,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(1);
  });
});
