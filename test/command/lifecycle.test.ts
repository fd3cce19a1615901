import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SAME_SIGNAL_MS } from '../../cli/long-running.js';
import { StoredLogs } from '../stored-logs.js';
import { until } from '../until.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = new TemporaryDirectory();
});

afterEach(() => directory[Symbol.dispose]());

/** The process ids of a process's children, by the command they run. */
function childrenOf(pid: number): Map<string, number> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return new Map(
    children.map((child) => {
      const command = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').filter(Boolean);
      return [command.at(-1) as string, Number(child)];
    }),
  );
}

function isRunning(pid: number): boolean {
  try {
    // A zombie still has an entry; it is gone as soon as its new parent looks.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function up(): Promise<WarrenProcess> {
  return await WarrenProcess.start(['up'], { WARREN_DATA_DIR: directory.path });
}

describe('SIGTERM', () => {
  it.each([['up'], ['broker'], ['store'], ['console']])(
    'drains warren %s and exits 0 within 10 s',
    async (command) => {
      await using warren = await WarrenProcess.start([command], { WARREN_DATA_DIR: directory.path });
      const startedAt = performance.now();
      const { exitCode } = await warren.end('SIGTERM');
      expect(exitCode).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    },
  );

  it('drains a collector and an agent and exits 0', async () => {
    await using broker = await WarrenProcess.start(['broker'], { WARREN_DATA_DIR: directory.path });
    const environment = { WARREN_DATA_DIR: directory.path, WARREN_BROKER_URL: broker.brokerUrl };
    for (const command of [['collector'], ['agent', '--service', 'x', '--file', `${directory.path}/*.log`]]) {
      await using part = await WarrenProcess.start(command, environment);
      const { exitCode, stderr } = await part.end('SIGTERM');
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
  });

  it('sent a second time ends warren up and all its parts at once', async () => {
    await using warren = await up();
    const parts = childrenOf(warren.child.pid as number);
    // A part that is stopped cannot drain, so the drain would take seconds.
    process.kill(parts.get('collector') as number, 'SIGSTOP');
    warren.child.kill('SIGTERM');
    // Only a signal later than this counts as a second one.
    await wait(SAME_SIGNAL_MS + 100);
    const startedAt = performance.now();
    const { exitCode } = await warren.end('SIGTERM');
    expect(exitCode).toBe(143);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await until('the end of every part', async () => ![...parts.values()].some(isRunning) || undefined);
  });
});

describe('warren up', () => {
  it('starts a part again that was killed, on the same port, with nothing lost', async () => {
    await using warren = await up();
    const before = childrenOf(warren.child.pid as number);
    expect([...before.keys()].sort()).toEqual(['broker', 'collector', 'console', 'store']);
    process.kill(before.get('store') as number, 'SIGKILL');
    await using logs = new StoredLogs(warren.address('store'));
    // Its own word that a part ended is a log like any other, and ends up in the restarted store.
    const [ended] = await logs.waitFor('service.name:warren AND "started again"', 1, 20_000);
    expect(ended?._source).toMatchObject({ part: 'store', log: { level: 'error' } });
  });

  it('leaves no part behind when it is killed itself', async () => {
    await using warren = await up();
    const parts = [...childrenOf(warren.child.pid as number).values()];
    await warren.end('SIGKILL');
    await until('the end of every part', async () => !parts.some(isRunning) || undefined, 15_000);
  });
});
