/** What a broker does about a damaged database, when it starts and while it runs. */
import {
  copyFileSync,
  existsSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import amqplib, { type ChannelModel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataDirectoryUnderTest, flip, overwrite } from '../../test/support/data-directory.js';
import { Broker } from '../broker.js';

let directory: DataDirectoryUnderTest;

beforeEach(() => {
  directory = new DataDirectoryUnderTest();
});

afterEach(() => directory[Symbol.dispose]());

const start = (): Promise<Broker> => Broker.start({ port: 0, dataDirectory: directory.path });

/** Expects a start to be refused in one line that names a file and what to do. */
async function expectRefusal(file: RegExp, what: RegExp): Promise<void> {
  // Twice, since what is wrong must not be gone by having been looked at.
  for (let attempt = 0; attempt < 2; attempt++) {
    const error: unknown = await start().then(
      (broker) => broker.stop().then(() => 'a broker that runs'),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'ERR_WARREN_DATABASE_DAMAGED' });
    const { message } = error as Error;
    expect(message).toMatch(file);
    expect(message).toMatch(what);
    expect(message).toMatch(/^[^\n]*warren broker check[^\n]*warren broker repair[^\n]*$/);
  }
}

/** Leaves the files as a killed broker does: so many transactions in the log, one for each message. */
async function fillAndKill(messages: number): Promise<void> {
  const { database, log, path } = directory;
  await directory.during(async (channel) => {
    await channel.assertQueue('q', { durable: true });
    for (let index = 0; index < messages; index++) {
      channel.sendToQueue('q', Buffer.from(`q ${index}`), { persistent: true });
      await channel.waitForConfirms();
    }
    for (const file of [database, log]) copyFileSync(file, `${file}.copy`);
  });
  for (const file of [database, log]) renameSync(`${file}.copy`, file);
  writeFileSync(`${path}/broker.running`, '');
}

const FRAME_BYTES = 24 + 4096;

describe('at the start', () => {
  test('a header of zeros is said', async () => {
    await directory.fill(['q'], 10, 100);
    overwrite(directory.database, 0, Buffer.alloc(100));
    await expectRefusal(/broker\.sqlite is damaged/, /header cannot be read/);
  });

  test('a file that was cut is said, by pages or by some octets', async () => {
    await directory.fill(['q'], 200, 5000);
    const { size } = statSync(directory.database);
    truncateSync(directory.database, size - 10);
    await expectRefusal(/broker\.sqlite is damaged/, /ends too early: 1 of/);
    truncateSync(directory.database, size - 50 * 4096);
    await expectRefusal(/broker\.sqlite is damaged/, /ends too early: 50 of/);
    truncateSync(directory.database, 0);
    await expectRefusal(/broker\.sqlite is damaged/, /the file is empty/);
  });

  test('a damaged page that the start reads is said', async () => {
    await directory.fill(['q'], 10, 100);
    for (const page of directory.pagesOf('queue', 'leaf')) directory.spoil(page);
    await expectRefusal(/broker\.sqlite is damaged/, /malformed|SQLITE_CORRUPT/);
  });

  test('a log that is missing, emptied or without a header is said', async () => {
    await fillAndKill(5);
    copyFileSync(directory.log, `${directory.log}.kept`);
    unlinkSync(directory.log);
    await expectRefusal(/broker\.sqlite-wal is damaged/, /missing/);
    writeFileSync(directory.log, '');
    await expectRefusal(/broker\.sqlite-wal is damaged/, /header cannot be read/);
    copyFileSync(`${directory.log}.kept`, directory.log);
    overwrite(directory.log, 0, Buffer.alloc(32));
    await expectRefusal(/broker\.sqlite-wal is damaged/, /header cannot be read/);
    renameSync(`${directory.log}.kept`, directory.log);
    expect(await directory.drain('q')).toEqual([0, 1, 2, 3, 4]);
  });

  test('a database that is missing while its log is there is said', async () => {
    await fillAndKill(5);
    unlinkSync(directory.database);
    await expectRefusal(/broker\.sqlite is damaged/, /missing/);
  });

  test('a log that ends in the middle of a transaction is read up to the one before', async () => {
    await fillAndKill(20);
    truncateSync(directory.log, statSync(directory.log).size - FRAME_BYTES / 2);
    const found = await directory.drain('q');
    expect(found.length).toBeGreaterThan(15);
    expect(found).toEqual(found.map((_, index) => index));
  });

  test('a log whose last transaction was written in part is read up to the one before', async () => {
    await fillAndKill(20);
    flip(directory.log, statSync(directory.log).size - 100);
    const found = await directory.drain('q');
    expect(found.length).toBeGreaterThan(15);
    expect(found).toEqual(found.map((_, index) => index));
  });

  test.each([100, FRAME_BYTES * 2 + 300])(
    'a log that is damaged before whole transactions is said (%i)',
    async (at) => {
      await fillAndKill(20);
      flip(directory.log, 32 + FRAME_BYTES + at);
      await expectRefusal(/broker\.sqlite-wal is damaged/, /committed transactions stand behind/);
    },
  );

  test('a lock file with anything in it is a lock file all the same', async () => {
    await directory.fill(['q'], 3, 100);
    writeFileSync(`${directory.path}/broker.lock`, Buffer.alloc(5000, 0xa5));
    const broker = await start();
    await expect(start()).rejects.toMatchObject({ code: 'ERR_WARREN_DATA_DIRECTORY_IN_USE' });
    await broker.stop();
    expect(await directory.drain('q')).toEqual([0, 1, 2]);
  });

  test('a stop in order leaves neither a log nor a mark', async () => {
    await directory.fill(['q'], 3, 100);
    expect([existsSync(directory.log), existsSync(`${directory.path}/broker.running`)]).toEqual([
      false,
      false,
    ]);
  });
});

describe('while it runs, the broker closes its connections with 541 and tells its process', () => {
  let broker: Broker;
  let connection: ChannelModel;
  let failure: Promise<Error>;
  let closing: Promise<unknown>;

  /** Starts one whose end is expected. */
  async function run(): Promise<void> {
    failure = new Promise((resolve) => {
      void Broker.start({ port: 0, dataDirectory: directory.path, onFailure: resolve }).then(
        async (started) => {
          broker = started;
          connection = await amqplib.connect(broker.url, { noDelay: true });
          closing = new Promise((resolve) => void connection.once('close', resolve));
          connection.on('error', (error: Error) => void errors.push(error.message));
          ready();
        },
      );
    });
    await readiness;
  }
  let ready: () => void;
  let readiness: Promise<void>;
  let errors: string[];

  beforeEach(() => {
    errors = [];
    readiness = new Promise((resolve) => {
      ready = resolve;
    });
  });

  async function expectEnd(what: RegExp): Promise<void> {
    expect(await failure).toMatchObject({
      code: 'ERR_WARREN_DATABASE_DAMAGED',
      message: expect.stringMatching(what),
    });
    await closing;
    expect(errors[0]).toMatch(/541 \(INTERNAL-ERROR\)/);
    await expect(amqplib.connect(broker.url)).rejects.toThrow(/ECONNREFUSED/);
    await broker.stop();
  }

  test('when a message differs from its checksum, which nobody is given', async () => {
    await directory.fill(['q'], 300, 5000);
    const [page] = directory.query((database) =>
      database
        .prepare<[], number>(`SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'overflow'`)
        .pluck()
        .all(),
    );
    flip(directory.database, ((page as number) - 1) * 4096 + 2000);
    await run();
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.consume('q', (message) => {
      if (message === null) return;
      expect(message.content.toString()).toMatch(/^q \d+ \.+$/);
      expect(message.content.length).toBe(5000);
    });
    await expectEnd(/broker\.sqlite is damaged \(message \d+ differs from its checksum\)/);
  });

  test('when a page that a consumer needs makes no sense', async () => {
    await directory.fill(['q'], 3000, 500);
    const pages = directory.pagesOf('message', 'leaf');
    // The start looks for the newest message alone.
    for (const page of pages.slice(pages.length / 2, -1)) directory.spoil(page);
    await run();
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.consume('q', () => undefined);
    await expectEnd(/broker\.sqlite is damaged \(.*malformed/);
  });

  test('when a message is missing', async () => {
    await directory.fill(['q'], 10, 100);
    directory.query((database) =>
      database.exec('DELETE FROM message WHERE id IN (SELECT max(id) FROM message)'),
    );
    await run();
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.consume('q', () => undefined);
    await expectEnd(/broker\.sqlite is damaged \(message \d+ is missing/);
  });

  test('when a page that a publish needs makes no sense', async () => {
    await directory.fill(['q'], 3000, 500);
    const [page] = directory.pagesOf('message', 'leaf').slice(-1);
    await run();
    directory.spoil(page as number);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    let confirmed = false;
    channel.sendToQueue('q', Buffer.alloc(500), { persistent: true }, (error: unknown) => {
      confirmed = error === null;
    });
    await expectEnd(/broker\.sqlite is damaged \(SQLITE_CORRUPT: /);
    expect(confirmed).toBe(false);
  });

  test.each(['database', 'log'] as const)('when the file of the %s is taken away', async (file) => {
    await run();
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('q', { durable: true });
    renameSync(directory[file], `${directory[file]}.away`);
    await expectEnd(/taken away while the broker used it/);
    rmSync(`${directory[file]}.away`);
  });
});
