import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AmqpProxy } from '../../test/support/amqp-proxy.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { FileAgent, type FileAgentOptions } from './file-agent.js';

let broker: TestBroker;
let directory: string;
let records: ReceivedRecords;
const agents: FileAgent[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'warren-files-'));
  records = await ReceivedRecords.start(broker.url);
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop();
  await records.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function follow(glob: string, options: Partial<FileAgentOptions> = {}): Promise<FileAgent> {
  const agent = await FileAgent.start({
    globs: [join(directory, glob)],
    service: 'shop',
    brokerUrl: broker.url,
    dataDirectory: join(directory, 'data'),
    scanIntervalMs: 50,
    groupTimeoutMs: 50,
    rotatedIdleMs: 200,
    publisher: { exchange: records.exchange },
    ...options,
  });
  agents.push(agent);
  return agent;
}

function path(name: string): string {
  return join(directory, name);
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => `2026-01-31T10:20:30Z INFO line ${from + n}\n`).join('');
}

function numbers(): number[] {
  return records.messages.map((message) => Number(/line (\d+)/.exec(message)?.[1]));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

describe('the file agent', () => {
  it('publishes each line with its level, time, path and offset', async () => {
    writeFileSync(path('app.log'), '2026-01-31 10:20:30,456Z [ERROR] no stock\r\nplain words\n');
    await follow('*.log', { environment: 'test' });
    await records.count(2);
    const [first, second] = records.received;
    expect(first?.routingKey).toBe('app.shop.error');
    expect(first?.record).toMatchObject({
      '@timestamp': '2026-01-31T10:20:30.456Z',
      message: '2026-01-31 10:20:30,456Z [ERROR] no stock',
      log: { level: 'error', file: { path: path('app.log') }, offset: 0 },
      service: { name: 'shop', environment: 'test' },
    });
    expect(first?.record.event.id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(first?.properties.messageId).toBe(first?.record.event.id);
    expect(second?.record).toMatchObject({ message: 'plain words', log: { level: 'info', offset: 43 } });
  });

  it('takes a line of JSON as fields', async () => {
    const line = {
      level: 50,
      time: 1769854830456,
      msg: 'failed',
      err: { type: 'Error', message: 'boom', stack: 'at x' },
      orderId: 7,
    };
    writeFileSync(path('app.log'), `${JSON.stringify(line)}\n`);
    await follow('app.log');
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      '@timestamp': '2026-01-31T10:20:30.456Z',
      message: 'failed',
      log: { level: 'error' },
      error: { type: 'Error', message: 'boom', stack_trace: 'at x' },
      orderId: 7,
    });
  });

  it('keeps a stack trace together, also when it comes in pieces', async () => {
    writeFileSync(path('app.log'), 'ERROR late\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n');
    await follow('app.log', { groupTimeoutMs: 300 });
    appendFileSync(path('app.log'), 'Caused by: java.io.IOException: x\n\t... 3 more\nINFO next\n');
    await records.count(2);
    expect(records.messages).toEqual(['ERROR late', 'INFO next']);
    expect(records.received[0]?.record.error?.stack_trace).toBe(
      'java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: x\n\t... 3 more',
    );
  });

  it('waits for the end of a line that is not complete', async () => {
    writeFileSync(path('app.log'), 'first line 0\nsecond li');
    await follow('app.log');
    await records.count(1);
    appendFileSync(path('app.log'), 'ne 1\n');
    await records.count(2);
    expect(records.messages).toEqual(['first line 0', 'second line 1']);
  });

  it('finds files that appear later, and does not read compressed ones', async () => {
    await follow('*');
    writeFileSync(path('old.log.1.gz'), 'binary line 9\n');
    writeFileSync(path('later.log'), lines(0, 3));
    await records.count(3);
    expect(numbers()).toEqual([0, 1, 2]);
  });

  it('reads files with the same content as files of their own', async () => {
    for (let n = 1; n <= 12; n += 1) writeFileSync(path(`app${n}.log`), 'INFO starting\n');
    await follow('*.log');
    await records.count(12);
    expect(new Set(records.received.map(({ record }) => record.log.file?.path)).size).toBe(12);
  });

  it('reads a file that was renamed to its end, and the new one from its start', async () => {
    writeFileSync(path('app.log'), lines(0, 10));
    await follow('app.log');
    await records.count(10);
    renameSync(path('app.log'), path('app.log.1'));
    appendFileSync(path('app.log.1'), lines(10, 20));
    writeFileSync(path('app.log'), lines(20, 30));
    await records.count(30);
    expect(numbers().sort((one, other) => one - other)).toEqual(upTo(30));
  });

  it('reads each line once when rotated files match the globs too', async () => {
    writeFileSync(path('app.log'), lines(0, 10));
    const agent = await follow('app.log*');
    await records.count(10);
    for (let round = 1; round < 5; round += 1) {
      renameSync(path('app.log'), path(`app.log.${round}`));
      writeFileSync(path('app.log'), lines(round * 10, round * 10 + 10));
      await records.count(round * 10 + 10);
    }
    await agent.stop();
    expect(numbers().sort((one, other) => one - other)).toEqual(upTo(50));
  });

  it.each(['app.log', 'app.log*'])(
    'loses and repeats nothing when %s is copied and truncated',
    async (glob) => {
      writeFileSync(path('app.log'), lines(0, 10));
      const agent = await follow(glob);
      await records.count(10);
      appendFileSync(path('app.log'), lines(10, 20));
      copyFileSync(path('app.log'), path('app.log.1'));
      truncateSync(path('app.log'));
      appendFileSync(path('app.log'), lines(20, 25));
      await records.count(25);
      appendFileSync(path('app.log'), lines(25, 60));
      await records.count(60);
      await agent.stop();
      expect(numbers().sort((one, other) => one - other)).toEqual(upTo(60));
    },
  );

  it('sees that a file was replaced in place although it has grown beyond where it was', async () => {
    writeFileSync(path('app.log'), lines(0, 10));
    await follow('app.log');
    await records.count(10);
    writeFileSync(path('app.log'), lines(10, 40));
    await records.count(40);
    expect(numbers()).toEqual(upTo(40));
  });

  it('publishes the last line of a deleted file although it has no end, and lets go of it', async () => {
    writeFileSync(path('app.log'), 'line 0\nline 1');
    const agent = await follow('app.log');
    await records.count(1);
    rmSync(path('app.log'));
    await records.count(2);
    expect(numbers()).toEqual([0, 1]);
    await expect.poll(() => agent.status.files).toBe(0);
    await agent.stop();
    expect(JSON.parse(readFileSync(path('data/agent/shop.json'), 'utf8'))).toEqual({ version: 1, files: [] });
  });

  it('goes on where it was after a restart, over rotations in between', async () => {
    writeFileSync(path('app.log'), `${lines(0, 10)}half a `);
    const first = await follow('app.log');
    await records.count(10);
    await first.stop();
    appendFileSync(path('app.log'), `line 10\n${lines(11, 15)}`);
    renameSync(path('app.log'), path('app.log.1'));
    writeFileSync(path('app.log'), lines(15, 20));
    const second = await follow('app.log');
    await records.count(20);
    await second.stop();
    copyFileSync(path('app.log'), path('app.log.2'));
    appendFileSync(path('app.log.2'), lines(20, 22));
    writeFileSync(path('app.log'), lines(22, 25));
    await follow('app.log');
    await records.count(25);
    expect(numbers().sort((one, other) => one - other)).toEqual(upTo(25));
  });

  it('sends what was not confirmed again under the same ids', async () => {
    writeFileSync(path('app.log'), lines(0, 1_000));
    const first = await follow('app.log');
    await records.count(1_000);
    await first.stop();
    const registry = path('data/agent/shop.json');
    const saved = JSON.parse(readFileSync(registry, 'utf8')) as {
      files: { offset: number; tail: unknown }[];
    };
    // As a crash before the first checkpoint leaves it: the identity is saved, the progress is not.
    for (const file of saved.files) Object.assign(file, { offset: 0, tail: { length: 0, hash: '' } });
    writeFileSync(registry, JSON.stringify(saved));
    await follow('app.log');
    await records.until(() => records.received.length === 2_000);
    expect(new Set(records.ids).size).toBe(1_000);
  });

  it('sets a registry aside that cannot be read and begins a new one', async () => {
    writeFileSync(path('app.log'), lines(0, 3));
    const first = await follow('app.log');
    await records.count(3);
    await first.stop();
    truncateSync(path('data/agent/shop.json'), 20);
    await follow('app.log');
    await records.until(() => records.received.length === 6);
    expect(numbers()).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('stops reading while the broker is away, drops nothing, and loses no line', async () => {
    const between = await AmqpProxy.start(broker.port);
    between.refuse(true);
    writeFileSync(path('app.log'), lines(0, 5_000));
    const agent = await follow('app.log', {
      brokerUrl: between.url,
      publisher: { exchange: records.exchange, bufferRecordsMax: 4_000, reconnectMaxMs: 100 },
    });
    await expect.poll(() => agent.status.publisher.buffered).toBeGreaterThan(1_000);
    expect(agent.status.lagBytes).toBeGreaterThan(0);
    between.refuse(false);
    await records.count(5_000);
    between.cut();
    appendFileSync(path('app.log'), lines(5_000, 6_000));
    await records.count(6_000);
    expect(agent.status.publisher.dropped).toEqual({ overflow: 0, unencodable: 0, closed: 0 });
    await agent.stop();
    await between.stop();
  });

  it('refuses a second agent on the same registry', async () => {
    await follow('app.log');
    await expect(follow('app.log')).rejects.toMatchObject({ code: 'ERR_WARREN_AGENT_RUNNING' });
  });

  it('refuses to start without a broker when it is told to', async () => {
    const between = await AmqpProxy.start(broker.port);
    between.refuse(true);
    const starting = follow('app.log', { brokerUrl: between.url, requireBroker: true });
    await expect(starting).rejects.toMatchObject({ code: 'ERR_WARREN_BROKER_UNREACHABLE' });
    await between.stop();
  });
});
