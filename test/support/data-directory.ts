/** A broker's data directory for tests: filled over a socket, damaged on purpose, gone with its test. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type ConfirmChannel } from 'amqplib';
import Database from 'better-sqlite3';
import { Broker } from '../../broker/broker.js';

export class DataDirectoryUnderTest {
  readonly path: string;
  readonly database: string;
  readonly log: string;

  constructor(path = mkdtempSync(join(tmpdir(), 'warren-broker-'))) {
    this.path = path;
    this.database = join(path, 'broker.sqlite');
    this.log = `${this.database}-wal`;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Runs a broker on it for as long as a task takes. */
  async during<T>(task: (channel: ConfirmChannel, broker: Broker) => Promise<T>): Promise<T> {
    const broker = await Broker.start({ port: 0, dataDirectory: this.path });
    const connection = await amqplib.connect(broker.url, { noDelay: true });
    try {
      return await task(await connection.createConfirmChannel(), broker);
    } finally {
      await connection.close();
      await broker.stop();
    }
  }

  /** The messages `<queue> 0`, `<queue> 1`, … padded to a size, in durable queues. */
  fill(queues: readonly string[], messages: number, bytes: number): Promise<void> {
    return this.during(async (channel) => {
      for (const queue of queues) await channel.assertQueue(queue, { durable: true });
      for (let index = 0; index < messages; index++) {
        for (const queue of queues) {
          channel.sendToQueue(queue, Buffer.from(`${queue} ${index} `.padEnd(bytes, '.')), {
            persistent: true,
          });
        }
      }
      await channel.waitForConfirms();
    });
  }

  /** Consumes from a queue of a broker that runs elsewhere, until that one ends. */
  async consume(url: string, queue: string): Promise<void> {
    const connection = await amqplib.connect(url);
    const ended = new Promise((resolve) => void connection.once('close', resolve));
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.consume(queue, () => undefined).catch(() => undefined);
    await ended;
  }

  /** Takes everything out of a queue: the numbers of its messages. */
  drain(queue: string): Promise<number[]> {
    return this.during(async (channel) => {
      const found: number[] = [];
      for (let message = await channel.get(queue); message !== false; message = await channel.get(queue)) {
        found.push(Number(message.content.toString().split(' ')[1]));
        channel.ack(message);
      }
      return found;
    });
  }

  /** The pages of a table, without those that messages overflow into. */
  pagesOf(table: string, kind: 'leaf' | 'internal'): number[] {
    return this.query((database) =>
      database
        .prepare<[string, string], number>(
          'SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY pageno',
        )
        .pluck()
        .all(table, kind),
    );
  }

  query<T>(ask: (database: Database.Database) => T): T {
    const database = new Database(this.database);
    try {
      return ask(database);
    } finally {
      database.close();
    }
  }

  /** Overwrites a page with what makes no sense. */
  spoil(page: number): void {
    overwrite(this.database, (page - 1) * 4096, Buffer.alloc(4096, 0xa5));
  }
}

/** Writes over a part of a file. */
export function overwrite(path: string, at: number, bytes: Buffer): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

/** Turns the bits of one octet of a file over. */
export function flip(path: string, at: number): void {
  const octet = Buffer.alloc(1);
  const descriptor = openSync(path, 'r');
  readSync(descriptor, octet, 0, 1, at);
  closeSync(descriptor);
  overwrite(path, at, Buffer.from([(octet[0] as number) ^ 0xff]));
}
