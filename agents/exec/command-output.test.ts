import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { StdinAgent } from '../stdin/stdin-agent.js';
import { CommandOutput } from './command-output.js';

let broker: TestBroker;
let records: ReceivedRecords;
let directory: string;
let said: Record<string, unknown>[];
const running: CommandOutput[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  records = await ReceivedRecords.start(broker.url);
  directory = mkdtempSync(join(tmpdir(), 'warren-exec-'));
  said = [];
});
afterEach(async () => {
  for (const command of running.splice(0)) await command.stop();
  await records.stop();
  rmSync(directory, { recursive: true });
});

async function run(command: string, stopTimeoutMs = 2_000): Promise<[CommandOutput, StdinAgent]> {
  const log = pino({}, { write: (line: string) => said.push(JSON.parse(line)) });
  const source = new CommandOutput({ command, restartMinMs: 20, restartMaxMs: 50, stopTimeoutMs, log });
  running.push(source);
  const publisher = { exchange: records.exchange };
  const agent = await StdinAgent.start({
    input: source.output,
    service: 'job',
    brokerUrl: broker.url,
    publisher,
  });
  source.start();
  return [source, agent];
}

async function stop(source: CommandOutput, agent: StdinAgent): Promise<void> {
  await source.stop();
  await agent.ended;
  expect(await agent.stop()).toBe(0);
}

describe('a command', () => {
  it('has both of its outputs published, its last line too when that has no end', async () => {
    const [source, agent] = await run('echo one; echo ERROR two >&2; printf three; sleep 60 >/dev/null 2>&1');
    await records.count(2);
    await stop(source, agent);
    await records.count(3);
    expect(records.messages).toEqual(['one', 'ERROR two', 'three']);
  });

  it('is started again when it ends, and its exit code is told', async () => {
    const [source, agent] = await run('printf "run of $$"; exit 3');
    await records.count(3);
    await stop(source, agent);
    for (const message of records.messages) expect(message).toMatch(/^run of \d+$/);
    expect(said[0]).toMatchObject({ exitCode: 3, msg: 'The command has ended and is started again' });
  });

  it('says its last words when it is asked to end', async () => {
    const [source, agent] = await run(
      `trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.05; done`,
    );
    await records.count(1);
    await stop(source, agent);
    await records.until(() => records.messages.at(-1) === 'bye');
    expect(said).toMatchObject([{ exitCode: 0, msg: 'The command has ended' }]);
  });

  it('that does not end is killed', async () => {
    const [source, agent] = await run(`trap '' TERM; echo hello; while :; do sleep 0.05; done`, 100);
    await records.count(1);
    await stop(source, agent);
    expect(said).toMatchObject([{ exitCode: null, signal: 'SIGKILL' }]);
  });

  it('that cannot be found is told, with the shell’s own words published', async () => {
    const [source, agent] = await run('/no/such/program');
    await records.count(1);
    await stop(source, agent);
    expect(records.messages[0]).toMatch(/\/no\/such\/program: not found/);
    expect(said[0]).toMatchObject({ exitCode: 127 });
  });
});
