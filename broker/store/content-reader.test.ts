import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AddressBook } from './address-book.js';
import { ContentReader } from './content-reader.js';
import { Message, UNREAD_ADDRESS } from './message.js';
import { migrate } from './schema.js';

const messagesEach = 1_000;
let database: Database.Database;
let reads = 0;

beforeEach(() => {
  database = new Database(':memory:', { verbose: () => (reads += 1) });
  migrate(database, 0);
  const message = database.prepare('INSERT INTO message VALUES (?, ?, 14, ?, NULL)');
  const entry = database.prepare('INSERT INTO entry VALUES (?, ?, 0, 0, 4, 0, 0, 0)');
  const content = (id: number): Buffer => Buffer.from(`${String(id).padStart(14)}frame endbody`);
  for (let id = 1; id <= 2 * messagesEach; id += 1) {
    message.run(id, Buffer.from('\u0000\u0003key'), content(id));
    entry.run(id <= messagesEach ? 1 : 2, id);
  }
  reads = 0;
});

afterEach(() => {
  database.close();
});

function load(reader: ContentReader, id: number, queue: number): string {
  const message = new Message(id, UNREAD_ADDRESS, undefined, 0, 0, 0);
  reader.load(message, { id: queue });
  expect(message.address.routingKey).toBe('key');
  return (message.buffer as unknown as Buffer).toString('utf8', 0, 14).trim();
}

test('two queues that ask in turns are each read far ahead', () => {
  const reader = new ContentReader(database, new AddressBook());
  for (let index = 1; index <= messagesEach; index += 1) {
    expect(load(reader, index, 1)).toBe(String(index));
    expect(load(reader, messagesEach + index, 2)).toBe(String(messagesEach + index));
  }
  expect(reads).toBeLessThan(20);
});

test('a message whose entry is settled already is read all the same', () => {
  const reader = new ContentReader(database, new AddressBook());
  database.prepare('DELETE FROM entry WHERE message = 7').run();
  expect(load(reader, 7, 1)).toBe('7');
});

test('a message that is not there is an error that names it', () => {
  const reader = new ContentReader(database, new AddressBook());
  expect(() => load(reader, 99_999, 1)).toThrow('message 99999 is missing from the database');
});
