import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDirectory } from './data-directory.js';
import { DiskStore } from './disk-store.js';
import { Entry, Message } from './message.js';
import { migrate } from './schema.js';

const encoded = Buffer.from('\u0000\u0001q');
const address = { exchange: '', routingKey: 'q', encoded };
const source = { id: 1, pagesOut: false };
const target = { id: 2, pagesOut: false };
/** Three batches, as contents go. */
const backlog = { count: 24, bodyBytes: 1024 * 1024 };

let path: string;
let store: DiskStore;
let database: Database.Database;
let nextId: number;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'warren-store-'));
  const directory = DataDirectory.open(path);
  store = new DiskStore(directory, undefined, []);
  database = new Database(directory.databasePath, { readonly: true });
  nextId = 1;
});

afterEach(async () => {
  await store.close();
  database.close();
  rmSync(path, { recursive: true });
});

function entry(queue: { id: number; pagesOut: boolean }, bodyBytes = 1): Entry {
  const message = new Message(nextId++, address, Buffer.alloc(14 + 8 + bodyBytes), 0, 14, bodyBytes);
  return new Entry(queue, message, 0);
}

function insert(queue: { id: number; pagesOut: boolean }, bodyBytes?: number): Entry {
  const inserted = entry(queue, bodyBytes);
  store.insert(inserted);
  return inserted;
}

const written = (): Promise<void> => new Promise((resolve) => store.whenWritten(resolve));

/** Looks at the file again and again, as a crash would find it, until all is written. */
async function everySight<Sight>(look: () => Sight): Promise<Sight[]> {
  const sights: Sight[] = [];
  let over = false;
  void written().then(() => {
    over = true;
  });
  while (!over) {
    sights.push(look());
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sights;
}

function isThere(...entries: Entry[]): boolean[] {
  const statement = database.prepare('SELECT count(*) FROM entry WHERE queue = ? AND message = ?').pluck();
  return entries.map(({ queue, message }) => statement.get(queue.id, message.id) === 1);
}

test('at every moment a dead letter or what it was made of is on disk, however much is written before', async () => {
  const original = insert(source);
  await written();
  for (let index = 0; index < backlog.count; index++) insert(target, backlog.bodyBytes);
  const letter = insert(target);
  store.settleAfter(original, letter.message);
  const sights = await everySight(() => database.transaction(() => isThere(original, letter))());
  await written();
  expect(sights).toContainEqual([true, false]);
  expect(sights).not.toContainEqual([false, false]);
  expect(isThere(original, letter)).toEqual([false, true]);
});

test('what is acked after it was published in one transaction is gone no sooner than that is there', async () => {
  const acked = insert(source);
  await written();
  const published = Array.from({ length: backlog.count }, () => insert(target, backlog.bodyBytes));
  store.settle(acked);
  const last = published.at(-1)!;
  const sights = await everySight(() => database.transaction(() => isThere(acked, last))());
  await written();
  expect(sights).not.toContainEqual([false, false]);
  expect(isThere(acked, last)).toEqual([false, true]);
});

test('a publisher whose message is dropped unwritten is confirmed when the dead letter is on disk', async () => {
  const dropped = insert(source);
  const letter = insert(target);
  let confirmedAt: boolean[] | undefined;
  dropped.message.confirmer = {
    confirm: () => {
      confirmedAt = isThere(dropped, letter);
    },
  };
  store.settleAfter(dropped, letter.message);
  expect(confirmedAt).toBeUndefined();
  await written();
  expect(confirmedAt).toEqual([false, true]);
});

test('an entry that waits for no dead letter is confirmed at once', () => {
  const dropped = insert(source);
  let confirmed = false;
  dropped.message.confirmer = {
    confirm: () => {
      confirmed = true;
    },
  };
  store.settleAfter(dropped, entry(target).message);
  expect(confirmed).toBe(true);
});

test('counts of deliveries and deaths are written with an entry, and after it', async () => {
  const early = entry(source);
  early.deliveries = 1;
  store.insert(early);
  const late = insert(source);
  await written();
  late.deliveries = 3;
  store.delivered(late);
  late.death = 4;
  store.update(late);
  await written();
  const rows = database.prepare('SELECT deliveries, death FROM entry ORDER BY message').raw().all();
  expect(rows).toEqual([
    [1, 0],
    [3, 4],
  ]);
});

test('a database of the first format keeps its entries', () => {
  const old = new Database(':memory:');
  migrate(old, 0, 1);
  old.exec('INSERT INTO entry VALUES (1, 2, 0, 0, 4), (1, 3, 0, 0, 4), (2, 3, 0, 0, 4)');
  migrate(old, 1);
  expect(old.prepare('SELECT * FROM entry').raw().all()).toEqual([
    [1, 2, 0, 0, 4, 0, 0, 0],
    [1, 3, 0, 0, 4, 0, 0, 1],
    [2, 3, 0, 0, 4, 0, 0, 1],
  ]);
  expect(old.prepare('SELECT * FROM message_copy').raw().all()).toEqual([[3, 2]]);
  old.close();
});

test('a shared message stays in memory until all its entries are written, however short memory is', async () => {
  const ballast = Buffer.alloc(256 * 1024 * 1024);
  const message = entry(source, 64).message;
  message.shared = true;
  store.insert(new Entry(source, message, 0));
  for (let count = 0; count < 10; count++) insert(source, 1024 * 1024);
  store.insert(new Entry(target, message, 0));
  await written();
  const copies = database.prepare('SELECT copies FROM message_copy').pluck();
  expect([copies.all(), message.buffer, ballast.length]).toEqual([[2], undefined, 256 * 1024 * 1024]);
});
