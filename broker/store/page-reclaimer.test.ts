import { statSync } from 'node:fs';
import amqplib from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDirectoryUnderTest } from '../../test/support/data-directory.js';
import { until } from '../../test/until.js';
import { Broker } from '../broker.js';

const MESSAGES = 200_000;
const KEPT = 15_000;
const MEBIBYTE = 2 ** 20;
let directory: DataDirectoryUnderTest;

beforeEach(() => {
  directory = new DataDirectoryUnderTest();
});

afterEach(() => directory[Symbol.dispose]());

const mebibytes = (path: string): number => statSync(path).size / MEBIBYTE;

/** All but the longest twentieth wait less. */
function longest(waits: number[]): number {
  return waits.toSorted((left, right) => left - right)[Math.floor(waits.length * 0.95)] as number;
}

test('the files shrink once a backlog is gone, what stays is moved, and publishes do not wait for that', async () => {
  const broker = await Broker.start({ port: 0, dataDirectory: directory.path });
  const connection = await amqplib.connect(broker.url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const body = Buffer.alloc(512, 'x');
  // What is kept comes last, so that all of it has to move to the front.
  for (const [queue, count] of [
    ['backlog', MESSAGES],
    ['kept', KEPT],
  ] as const) {
    await channel.assertQueue(queue, { durable: true });
    for (let sent = 0; sent < count; ) {
      for (let end = sent + 5000; sent < end; sent++) channel.sendToQueue(queue, body, { persistent: true });
      await channel.waitForConfirms();
    }
  }
  expect(mebibytes(directory.database)).toBeGreaterThan(100);
  await channel.assertQueue('meanwhile', { durable: true });
  const publish = async (waits: number[]): Promise<void> => {
    const start = performance.now();
    channel.sendToQueue('meanwhile', body, { persistent: true });
    await channel.waitForConfirms();
    waits.push(performance.now() - start);
  };
  // What a publish waits for on this machine, with what else it does now.
  const usual: number[] = [];
  for (let index = 0; index < 200; index++) await publish(usual);
  const waits: number[] = [];
  await channel.purgeQueue('backlog');
  await until('the files shrink', async () => {
    for (let index = 0; index < 10; index++) await publish(waits);
    return mebibytes(directory.database) < 16 && mebibytes(directory.log) < 5 ? true : undefined;
  });
  // A checkpoint of the log is the longest that a publish can wait for; it happens now and then in any case.
  expect(longest(waits)).toBeLessThan(Math.max(50, 5 * longest(usual)));
  await connection.close();
  await broker.stop();
  expect(directory.query((database) => database.pragma('integrity_check', { simple: true }))).toBe('ok');
  await directory.during(async (again) => {
    expect((await again.checkQueue('kept')).messageCount).toBe(KEPT);
    expect((await again.checkQueue('meanwhile')).messageCount).toBe(usual.length + waits.length);
  });
}, 60_000);

test('a database that stays in use keeps its free pages for what comes next', async () => {
  await directory.fill(['kept', 'gone'], 1000, 2000);
  await directory.drain('gone');
  const pages = directory.query((database) => [
    database.pragma('auto_vacuum', { simple: true }),
    database.pragma('freelist_count', { simple: true }),
  ]);
  expect(pages[0]).toBe(2);
  expect(pages[1]).toBeGreaterThan(0);
});
