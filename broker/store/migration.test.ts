import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import amqplib from 'amqplib';
import Database from 'better-sqlite3';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFirstFormat } from '../../test/support/first-format.js';
import { Broker } from '../broker.js';
import { SCHEMA_VERSION } from './schema.js';

const messages = 500;
let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warren-migration-'));
  path = join(directory, 'broker.sqlite');
  makeFirstFormat(path, messages);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function backups(): string[] {
  return readdirSync(directory).filter((name) => name.includes('backup'));
}

function formatOf(file: string): number {
  const database = new Database(file, { readonly: true });
  const format = database.pragma('user_version', { simple: true }) as number;
  database.close();
  return format;
}

/** What every table holds. */
function contentsOf(file: string): unknown[] {
  const database = new Database(file, { readonly: true });
  const tables = ['exchange', 'queue', 'binding', 'user', 'message', 'entry'];
  const rows = tables.map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).raw().all());
  database.close();
  return rows;
}

describe('a database of the first format', () => {
  test('is there with all its queues, bindings and messages after the migration', async () => {
    const users = [{ name: 'guest', password: 'guest' }];
    const broker = await Broker.start({ port: 0, dataDirectory: directory, users });
    const connection = await amqplib.connect(broker.url, { noDelay: true });
    const channel = await connection.createChannel();
    await channel.checkExchange('old.logs');
    expect((await channel.checkQueue('old.errors')).messageCount).toBe(messages);
    channel.publish('old.logs', 'app.order.info', Buffer.from('new'), { persistent: true });
    const found: [string, boolean][] = [];
    for (let one = await channel.get('old.all'); one !== false; one = await channel.get('old.all')) {
      found.push([one.content.toString(), one.fields.redelivered]);
      channel.ack(one);
    }
    // A database that old does not tell whether its broker was killed, and what it had handed out then.
    const old = Array.from({ length: messages }, (_, index) => [String(index), true]);
    expect(found).toEqual([...old, ['new', false]]);
    await connection.close();
    await broker.stop();
    expect(formatOf(path)).toBe(SCHEMA_VERSION);
  });

  test('is backed up first, and the backup is as it was', async () => {
    const before = contentsOf(path);
    const lines = new PassThrough();
    const log = pino({ level: 'warn' }, lines);
    await (await Broker.start({ port: 0, dataDirectory: directory, log })).stop();
    expect(backups()).toEqual(['broker.sqlite.backup-format-1']);
    const backup = join(directory, 'broker.sqlite.backup-format-1');
    expect(formatOf(backup)).toBe(1);
    expect(contentsOf(backup)).toEqual(before);
    const said = String(lines.read()).trim().split('\n');
    expect(said.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ from: 1, to: SCHEMA_VERSION, backup }),
    ]);
    await (await Broker.start({ port: 0, dataDirectory: directory })).stop();
    expect(backups()).toHaveLength(1);
  });

  test('keeps an older backup', async () => {
    writeFileSync(join(directory, 'broker.sqlite.backup-format-1'), 'older');
    await (await Broker.start({ port: 0, dataDirectory: directory })).stop();
    expect(readFileSync(join(directory, 'broker.sqlite.backup-format-1'), 'utf8')).toBe('older');
    expect(formatOf(join(directory, 'broker.sqlite.backup-format-1.2'))).toBe(1);
  });

  test('is as it was when a migration fails in the middle', async () => {
    const database = new Database(path);
    // The second of the statements that follow cannot add it again.
    database.exec('ALTER TABLE entry ADD COLUMN death INTEGER NOT NULL DEFAULT 7');
    database.close();
    const before = contentsOf(path);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(Broker.start({ port: 0, dataDirectory: directory })).rejects.toMatchObject({
        code: 'ERR_WARREN_DATA_DIRECTORY',
        message: expect.stringMatching(
          /^cannot migrate .*broker\.sqlite from format 1.*duplicate column.*it is as it was$/,
        ),
      });
      expect(formatOf(path)).toBe(1);
      expect(contentsOf(path)).toEqual(before);
    }
    expect(backups()).toEqual([]);
  });
});

test('a new database needs no backup', async () => {
  const fresh = join(directory, 'fresh');
  await (await Broker.start({ port: 0, dataDirectory: fresh })).stop();
  expect(readdirSync(fresh).sort()).toEqual(['broker.lock', 'broker.sqlite']);
});
