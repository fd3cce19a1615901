import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AmqpProxy } from '../../test/support/amqp-proxy.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { kill, startSpoolWriter } from '../../test/support/spool-writer.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { newEventId, Publisher, type PublisherOptions, type PublisherStatus } from '../publisher.js';
import type { LogRecord } from '../record.js';
import type { SpoolOptions } from './spool-options.js';

const module = new URL('../publisher.js', import.meta.url).href;

let broker: TestBroker;
let proxy: AmqpProxy;
let records: ReceivedRecords;
let root: string;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'warren-spool-'));
  proxy = await AmqpProxy.start(broker.port);
  records = await ReceivedRecords.start(broker.url);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await records.stop();
  await proxy.stop();
  rmSync(root, { recursive: true, force: true });
});

function publish(spool: Partial<SpoolOptions> = {}, options: PublisherOptions = {}): Publisher {
  const publisher = Publisher.start({
    url: proxy.url,
    exchange: records.exchange,
    reconnectMaxMs: 100,
    spool: { directory: root, ...spool },
    ...options,
  });
  cleanUps.push(() => publisher.close(0));
  return publisher;
}

function record(message: string): LogRecord {
  return {
    '@timestamp': '2026-01-31T10:20:30.456Z',
    message,
    log: { level: 'info' },
    service: { name: 'order' },
    event: { id: newEventId() },
  };
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `line ${from + n}`);
}

function publishLines(publisher: Publisher, from: number, to: number): void {
  for (const line of lines(from, to)) publisher.publish(record(line));
}

/** The segment files of all publishers, oldest first. */
function segments(): string[] {
  const paths = readdirSync(root, { recursive: true }).map((path) => join(root, String(path)));
  return paths.filter((path) => path.endsWith('.spool')).sort();
}

/** A process that has flushed so many lines into the spool. */
function startWriter(to: number): Promise<ChildProcess> {
  return startSpoolWriter(root, records.exchange, to, record(''));
}

describe('a process that is killed while the broker is away', () => {
  it('has lost nothing that was flushed: the next one sends all of it, in order and once', async () => {
    await kill(await startWriter(5_000));
    const publisher = publish();
    publishLines(publisher, 5_000, 5_010);
    await records.count(5_010);
    await expect.poll(() => publisher.status.spool?.records).toBe(0);
    expect(records.messages).toEqual(lines(0, 5_010));
    expect(await publisher.close()).toBe(0);
    expect(readdirSync(root)).toEqual([]);
  });

  it('keeps its directory to itself while it lives', async () => {
    const child = await startWriter(10);
    const publisher = publish();
    publisher.publish(record('other'));
    await records.count(1);
    expect(await publisher.close()).toBe(0);
    expect(segments()).toHaveLength(1);
    await kill(child);
    publish();
    await records.count(11);
    expect(records.messages).toEqual(['other', ...lines(0, 10)]);
  });

  it('has a torn tail cut off at the last good record, counted and logged once', async () => {
    await kill(await startWriter(100));
    appendFileSync(segments()[0]!, Buffer.from([0, 0, 1, 0, 1, 2, 3]));
    const warnings: string[] = [];
    const log = { warn: (_: unknown, text: string) => warnings.push(text), info: () => undefined };
    const publisher = publish({}, { log: log as unknown as NonNullable<PublisherOptions['log']> });
    await records.count(100);
    expect(records.messages).toEqual(lines(0, 100));
    expect(publisher.status.spool?.damagedBytes).toBe(7);
    expect(warnings.filter((text) => text.includes('damaged'))).toHaveLength(1);
  });

  it('has a damaged record and what follows it in its file passed over, and nothing else', async () => {
    await kill(await startWriter(100));
    const path = segments()[0]!;
    const bytes = readFileSync(path);
    const at = bytes.indexOf('"line 40"');
    bytes[at + 1]! ^= 1;
    writeFileSync(path, bytes);
    const publisher = publish();
    publisher.publish(record('after'));
    await records.count(41);
    expect(records.messages).toEqual([...lines(0, 40), 'after']);
    expect(publisher.status.spool?.damagedBytes).toBeGreaterThan(0);
  });
});

describe('a directory that somebody left', () => {
  it.each([
    ['an empty file', (path: string) => truncateSync(path, 0)],
    ['half a header', (path: string) => truncateSync(path, 10)],
    ['a header alone', (path: string) => truncateSync(path, 16)],
    ['a torn checkpoint', (path: string) => writeFileSync(join(dirname(path), 'confirmed.json'), '{"ver')],
  ])('with %s is read as far as it is good and then removed', async (_name, damage) => {
    await kill(await startWriter(20));
    damage(segments()[0]!);
    const publisher = publish();
    publisher.publish(record('after'));
    await records.until(() => records.messages.includes('after'));
    expect(await publisher.close()).toBe(0);
    expect(readdirSync(root)).toEqual([]);
  });

  it('with a file of another version has it set aside, not deleted', async () => {
    await kill(await startWriter(20));
    const path = segments()[0]!;
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(2, 8);
    writeFileSync(path, bytes);
    const publisher = publish();
    expect(publisher.status.spool).toMatchObject({ records: 0, damagedBytes: bytes.length });
    await publisher.close();
    const left = readdirSync(root, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith('.spool.unreadable'))).toHaveLength(1);
  });
});

describe('a publisher with a spool', () => {
  it('writes nothing while the broker takes the records', async () => {
    const publisher = publish();
    await publisher.connected();
    publishLines(publisher, 0, 1_000);
    expect(await publisher.flush()).toBe(true);
    await records.count(1_000);
    expect(segments()).toEqual([]);
  });

  it('keeps memory flat while the broker is away for 200,000 records, and sends all of them in order', async () => {
    proxy.refuse(true);
    const publisher = publish({}, { bufferRecordsMax: 5_000 });
    publishLines(publisher, 0, 20_000);
    await new Promise(setImmediate);
    const before = process.memoryUsage().rss;
    for (let from = 20_000; from < 200_000; from += 10_000) {
      publishLines(publisher, from, from + 10_000);
      await new Promise(setImmediate);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect(publisher.status.buffered).toBeLessThanOrEqual(5_000);
    expect(publisher.status.spool?.records).toBe(200_000);
    proxy.refuse(false);
    await records.count(200_000);
    expect(records.messages).toEqual(lines(0, 200_000));
    expect(publisher.status.dropped).toEqual({ overflow: 0, unencodable: 0, closed: 0 });
    await expect.poll(segments).toEqual([]);
  }, 60_000);

  it('leaves on the disk what is unsent when it is closed, and the next one sends it', async () => {
    proxy.refuse(true);
    const first = publish();
    const outcomes: string[] = [];
    first.publish(record('line 0'), (outcome) => outcomes.push(outcome));
    publishLines(first, 1, 50);
    expect(await first.close(100)).toBe(0);
    expect(outcomes).toEqual(['spooled']);
    proxy.refuse(false);
    publish();
    await records.count(50);
    expect(records.messages).toEqual(lines(0, 50));
  });

  it('does not send again what was confirmed before it was closed', async () => {
    proxy.refuse(true);
    const options = { bufferRecordsMax: 100, windowRecordsMax: 50 };
    const first = publish({}, options);
    publishLines(first, 0, 30_000);
    proxy.refuse(false);
    await records.count(10_000);
    expect(await first.close(0)).toBe(0);
    const { confirmed } = first.status;
    publish({}, options);
    await records.count(30_000);
    // Only what was in flight may come twice.
    expect(records.received.length).toBeLessThanOrEqual(30_000 + options.windowRecordsMax);
    expect(confirmed).toBeLessThan(30_000);
  });

  it.each(['drop-oldest', 'drop-newest'] as const)('at its bound does as told: %s', async (overflow) => {
    proxy.refuse(true);
    const dropped: string[] = [];
    const publisher = publish(
      { bytesMax: 1024 * 1024, overflow },
      {
        bufferRecordsMax: 10,
        overflow,
        onDropped: (body, reason) =>
          dropped.push(`${reason} ${(JSON.parse(`${body}`) as LogRecord).message}`),
      },
    );
    publishLines(publisher, 0, 10_000);
    const { spool, dropped: counts, buffered } = publisher.status;
    expect(spool?.bytes).toBeLessThanOrEqual(1024 * 1024);
    expect(counts.overflow).toBe(dropped.length);
    expect(dropped.length).toBeGreaterThan(1_000);
    proxy.refuse(false);
    const kept = 10_000 - dropped.length;
    await records.count(kept + 1);
    const got = records.messages.filter((message) => message.startsWith('line'));
    // What is in memory is on its way; the oldest of the disk goes.
    const first = lines(0, buffered);
    expect(got).toEqual(
      overflow === 'drop-newest' ? lines(0, kept) : [...first, ...lines(10_000 - kept + buffered, 10_000)],
    );
  });

  it('goes on in memory when the directory cannot be used, and says so', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    proxy.refuse(true);
    const publisher = publish({ directory: join(file, 'spool') }, { bufferRecordsMax: 100 });
    publishLines(publisher, 0, 150);
    expect(await publisher.flush(300)).toBe(false);
    expect(publisher.status).toMatchObject({ buffered: 100, dropped: { overflow: 50 } });
    expect(publisher.status.spool?.lastError).toContain('ENOTDIR');
    proxy.refuse(false);
    await records.count(101);
    expect(records.messages.slice(1)).toEqual(lines(50, 150));
  });

  it('keeps in memory what a full disk does not take, and loses only what it counts', async () => {
    const options = {
      url: `amqp://127.0.0.1:1`,
      exchange: records.exchange,
      bufferRecordsMax: 500,
      spool: { directory: root },
    };
    // A limit on the size of a file fails a write in its middle, as a full disk does.
    const source = `
      import { newEventId, Publisher } from ${JSON.stringify(module)};
      process.on('SIGXFSZ', () => undefined);
      const publisher = Publisher.start(${JSON.stringify(options)});
      for (let n = 0; n < 3000; n += 1) {
        publisher.publish({ ...${JSON.stringify(record(''))}, message: 'line ' + n, event: { id: newEventId() } });
      }
      const isSafe = await publisher.flush(300);
      await publisher.close(0);
      console.log(JSON.stringify({ isSafe, ...publisher.status }));`;
    const command = 'ulimit -f 200; exec "$0" --input-type=module -e "$1"';
    const child = spawn('bash', ['-c', command, process.execPath, source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const status = JSON.parse(said.toString()) as { isSafe: boolean } & PublisherStatus;
    expect(status).toMatchObject({ isSafe: false, spool: { lastError: expect.stringContaining('EFBIG') } });
    const kept = 3_000 - status.dropped.overflow - status.dropped.closed;
    expect(kept).toBeGreaterThan(100);
    expect(status.dropped.overflow).toBeGreaterThan(1_000);
    publish();
    await records.count(kept);
    expect(new Set(records.ids).size).toBe(kept);
  });
});
