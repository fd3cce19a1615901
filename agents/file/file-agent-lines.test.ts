import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { until } from '../../test/until.js';
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
  directory = mkdtempSync(join(tmpdir(), 'warren-lines-'));
  records = await ReceivedRecords.start(broker.url);
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop();
  await records.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function follow(options: Partial<FileAgentOptions> = {}): Promise<FileAgent> {
  const agent = await FileAgent.start({
    globs: [path('*.log')],
    service: 'shop',
    brokerUrl: broker.url,
    dataDirectory: join(directory, 'data'),
    scanIntervalMs: 50,
    groupTimeoutMs: 50,
    publisher: { exchange: records.exchange },
    ...options,
  });
  agents.push(agent);
  return agent;
}

function path(name: string): string {
  return join(directory, name);
}

function savedOffset(): number {
  return Number(/"offset":\s*(\d+)/.exec(readFileSync(join(directory, 'data/agent/shop.json'), 'utf8'))?.[1]);
}

describe('the file agent, of records of several lines,', () => {
  const multiline = { pattern: '^\\d ', negate: true };

  it('sends the last one when nothing more has come for a while', async () => {
    writeFileSync(path('app.log'), '1 a\nmore\n2 b\nmore\n');
    await follow({ multiline });
    await records.count(2);
    expect(records.messages).toEqual(['1 a\nmore', '2 b\nmore']);
  });

  it('saves no position within one: what was under way is read again from its first line', async () => {
    writeFileSync(path('app.log'), '1 a\nmore\n2 b\nmore\n');
    const first = await follow({ multiline, groupTimeoutMs: 60_000 });
    await records.count(1);
    await until('the file is read', async () => first.status.lagBytes === 0 || undefined);
    await first.stop();
    expect(savedOffset()).toBe(9);
    appendFileSync(path('app.log'), 'and more\n3 c\n');
    await follow({ multiline });
    await records.count(3);
    expect(records.messages).toEqual(['1 a\nmore', '2 b\nmore\nand more', '3 c']);
  });
});

describe('the file agent, of a container,', () => {
  it('reads what its runtime wrote, and saves no position behind a line that is not whole', async () => {
    const id = '0123456789abcdef'.repeat(4);
    const file = join(directory, `var/log/containers/shop-1_default_web-${id}.log`);
    mkdirSync(dirname(file), { recursive: true });
    const time = '2026-01-31T10:20:30.123456789Z';
    writeFileSync(file, `${time} stderr P one \n${time} stdout F INFO two\n${time} stdout F INFO three\n`);
    const globs = [join(dirname(file), '*.log')];
    const first = await follow({ globs });
    await records.count(2);
    await until('all is confirmed', async () => first.status.publisher.confirmed === 2 || undefined);
    await first.stop();
    expect(savedOffset()).toBe(0);
    appendFileSync(file, `${time} stderr F more\n`);
    await follow({ globs });
    // What comes again has the ids it had.
    await records.count(3);
    const ids = new Map(records.received.map(({ record }) => [record.event.id, record]));
    expect([...ids.values()].map(({ message }) => message)).toEqual(['INFO two', 'INFO three', 'one more']);
    expect([...ids.values()][2]).toMatchObject({
      '@timestamp': time,
      stream: 'stderr',
      container: { id },
      kubernetes: { namespace: 'default', pod: { name: 'shop-1' }, container: { name: 'web' } },
    });
  });
});

describe('the file agent, of encodings,', () => {
  it('goes on in UTF-16 where it had stopped', async () => {
    const encode = (text: string) => Buffer.from(text, 'utf16le');
    writeFileSync(path('app.log'), encode('\ufeffINFO Größe\n'));
    const first = await follow();
    await records.count(1);
    await until('it is confirmed', async () => first.status.publisher.confirmed === 1 || undefined);
    await first.stop();
    appendFileSync(path('app.log'), encode('INFO 😀\n'));
    await follow();
    await records.count(2);
    expect(records.messages).toEqual(['INFO Größe', 'INFO 😀']);
  });

  it('lets a binary file alone, and says so once', async () => {
    const said: string[] = [];
    const log = pino({}, { write: (line: string) => said.push(line) });
    writeFileSync(path('core.log'), Buffer.from('\x7fELF\x02\x01\x01\0\0\0\n\x01\x02\x03\n', 'latin1'));
    writeFileSync(path('app.log'), 'one\n');
    await follow({ log });
    await records.count(1);
    appendFileSync(path('core.log'), '\x01\x02\n');
    appendFileSync(path('app.log'), 'two\n');
    await records.count(2);
    expect(records.messages).toEqual(['one', 'two']);
    const notices = said.filter((line) => line.includes('A file is not text and is not read'));
    expect(notices.map((line) => JSON.parse(line).path)).toEqual([path('core.log')]);
  });
});
