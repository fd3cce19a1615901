import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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

const module = new URL('./file-agent.js', import.meta.url).href;

let broker: TestBroker;
let proxy: AmqpProxy;
let directory: string;
let records: ReceivedRecords;
let agent: ChildProcess | undefined;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'warren-crash-'));
  proxy = await AmqpProxy.start(broker.port);
  records = await ReceivedRecords.start(broker.url);
});
afterEach(async () => {
  await kill();
  await records.stop();
  await proxy.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts an agent in a process of its own that follows `app.log`. */
function start(): void {
  const options = {
    globs: [join(directory, 'app.log')],
    service: 'shop',
    brokerUrl: proxy.url,
    dataDirectory: join(directory, 'data'),
    scanIntervalMs: 20,
    groupTimeoutMs: 20,
    publisher: { exchange: records.exchange, reconnectMaxMs: 100, windowRecordsMax: 200 },
  };
  const source = `
    import { FileAgent } from ${JSON.stringify(module)};
    await FileAgent.start(${JSON.stringify(options)});`;
  agent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function kill(): Promise<void> {
  const child = agent;
  agent = undefined;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function path(name: string): string {
  return join(directory, name);
}

/** How far the first file is confirmed, as the registry on disk has it. */
function savedOffset(): number | undefined {
  const registry = JSON.parse(readFileSync(path('data/agent/shop.json'), 'utf8')) as {
    files: { offset: number }[];
  };
  return registry.files[0]?.offset;
}

describe('a file agent that is killed', () => {
  it('loses no line and makes no line two documents, over kills, cuts and rotations', async () => {
    const linesInAll = 12_000;
    const batch = 200;
    start();
    let rotations = 0;
    for (let from = 0; from < linesInAll; from += batch) {
      const lines = Array.from(
        { length: batch },
        (_, n) => `2026-01-31T10:20:30Z INFO line ${from + n}\n`,
      ).join('');
      // In two pieces, so that there is always a line without its end for a moment.
      appendFileSync(path('app.log'), lines.slice(0, 1_000));
      await new Promise(setImmediate);
      appendFileSync(path('app.log'), lines.slice(1_000));
      const round = from / batch;
      if (round % 13 === 5) {
        await kill();
        start();
      }
      if (round % 7 === 3) proxy.cut();
      if (round % 10 === 8) {
        // The agent has seen the file, as it has wherever rotations are further apart than scans.
        await records.count(from + 1);
        rotations += 1;
        renameSync(path('app.log'), path(`app.log.${rotations}`));
        writeFileSync(path('app.log'), '');
      }
    }
    await records.count(linesInAll);
    const seen = new Map<number, Set<string>>();
    for (const { record } of records.received) {
      const number = Number(/line (\d+)/.exec(record.message)?.[1]);
      seen.set(number, (seen.get(number) ?? new Set()).add(record.event.id));
    }
    expect([...seen.keys()].sort((one, other) => one - other)).toEqual(
      Array.from({ length: linesInAll }, (_, n) => n),
    );
    expect([...seen.values()].filter((ids) => ids.size !== 1)).toEqual([]);
  }, 60_000);

  it('reads what it had not read from the copy when the file was copied and truncated meanwhile', async () => {
    writeFileSync(path('app.log'), '2026-01-31T10:20:30Z INFO line 0\n');
    start();
    await records.count(1);
    await expect.poll(savedOffset, { timeout: 5_000 }).toBe(33);
    await kill();
    appendFileSync(path('app.log'), '2026-01-31T10:20:30Z INFO line 1\n');
    copyFileSync(path('app.log'), path('app.log.1'));
    truncateSync(path('app.log'));
    appendFileSync(path('app.log'), '2026-01-31T10:20:30Z INFO line 2\n');
    start();
    await records.count(3);
    expect(records.messages.map((message) => message.slice(-6)).sort()).toEqual([
      'line 0',
      'line 1',
      'line 2',
    ]);
  });
});
