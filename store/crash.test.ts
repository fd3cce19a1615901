import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@elastic/elasticsearch';
import { v4, v7 } from 'uuid';
import { afterEach, expect, test } from 'vitest';

const STORE = new URL('./store.js', import.meta.url).href;
const PROGRAM = `
  const { LogStore } = await import(process.argv[1]);
  const store = await LogStore.start({ port: 0, dataDirectory: process.argv[2], flushMs: 30 });
  console.log(store.port);
  process.on('SIGTERM', () => store.stop().then(() => process.exit(0)));
`;

const children: ChildProcess[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function directoryForTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'warren-store-crash-'));
  directories.push(directory);
  return directory;
}

async function start(directory: string): Promise<{ child: ChildProcess; client: Client }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, STORE, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  if (child.stdout === null) throw new Error('the store has no output');
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, client: new Client({ node: `http://127.0.0.1:${port}`, maxRetries: 0 }) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Every id in the index, as often as it is there. */
async function storedIds(client: Client, index: string): Promise<string[]> {
  await client.indices.refresh({ index });
  const ids: string[] = [];
  let after: (string | number)[] | undefined;
  for (;;) {
    const answer = await client.search({
      index,
      size: 5000,
      sort: ['_doc'],
      _source: false,
      track_total_hits: false,
      ...(after === undefined ? {} : { search_after: after }),
    });
    const { hits } = answer.hits;
    if (hits.length === 0) return ids;
    for (const hit of hits) ids.push(hit._id ?? '');
    after = hits.at(-1)?.sort as (string | number)[];
  }
}

function bulk(ids: readonly string[]): object[] {
  return ids.flatMap((id, position) => [
    { create: { _index: 'logs', _id: id } },
    {
      '@timestamp': new Date(Date.UTC(2026, 0, 1 + (position % 3), 12)).toISOString(),
      message: `record ${position}`,
      [`n${position % 5}`]: position,
    },
  ]);
}

test('every document acknowledged before kill -9 is there exactly once after a restart, and a repetition conflicts', async () => {
  const directory = await directoryForTest();
  const acknowledged: string[] = [];
  const attempted: string[][] = [];
  for (const round of [1, 2, 3]) {
    const { child, client } = await start(directory);
    let isDead = false;
    const lane = async (): Promise<void> => {
      while (!isDead) {
        const ids = Array.from({ length: 150 }, (_, position) => (position % 10 === 0 ? v4() : v7()));
        attempted.push(ids);
        try {
          const answer = await client.bulk({ operations: bulk(ids) });
          for (const item of answer.items) {
            if (item.create?.status === 201) acknowledged.push(item.create._id ?? '');
          }
        } catch {
          return;
        }
        if (acknowledged.length > round * 6000 && !isDead) {
          isDead = true;
          await kill(child);
        }
      }
    };
    await Promise.all([lane(), lane(), lane()]);
  }

  const { child, client } = await start(directory);
  const stored = await storedIds(client, 'logs');
  const distinct = new Set(stored);
  expect(stored.length).toBe(distinct.size);
  expect(acknowledged.filter((id) => !distinct.has(id))).toEqual([]);

  for (const ids of attempted.slice(-6)) {
    const answer = await client.bulk({ operations: bulk(ids) });
    for (const item of answer.items) {
      expect(item.create?.status).toBe(distinct.has(item.create?._id ?? '') ? 409 : 201);
      distinct.add(item.create?._id ?? '');
    }
  }
  const after = await storedIds(client, 'logs');
  expect(after.length).toBe(new Set(after).size);
  expect(after.length).toBe(distinct.size);

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}, 60_000);

test('an update and a removal that were acknowledged survive kill -9', async () => {
  const directory = await directoryForTest();
  const first = await start(directory);
  const at = '2026-01-01T00:00:00Z';
  await first.client.index({ index: 'plain', id: 'a', document: { '@timestamp': at, n: 1 }, refresh: true });
  await first.client.index({ index: 'plain', id: 'b', document: { '@timestamp': at, n: 1 }, refresh: true });
  await first.client.index({
    index: 'plain',
    id: 'a',
    document: { '@timestamp': '2026-02-01T00:00:00Z', n: 2 },
  });
  await first.client.delete({ index: 'plain', id: 'b' });
  await kill(first.child);

  const { client } = await start(directory);
  expect(await storedIds(client, 'plain')).toEqual(['a']);
  const document = await client.get<{ n: number }>({ index: 'plain', id: 'a' });
  expect(document._source?.n).toBe(2);
  expect(document._version).toBe(2);
}, 30_000);

test('a second store on the same directory is refused with one line', async () => {
  const directory = await directoryForTest();
  await start(directory);
  const { LogStore } = await import('./store.js');
  await expect(LogStore.start({ port: 0, dataDirectory: directory })).rejects.toMatchObject({
    code: 'ERR_WARREN_STORE_IN_USE',
    message: expect.stringMatching(/^the data directory .* is in use by another store: stop that one/),
  });
}, 30_000);
