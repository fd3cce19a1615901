// A backlog: so many persistent messages in with no consumer there, then out again through one.
import { execFileSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { type Contestant, declareTopology } from './contestant.js';
import type { LoadCount, LoadPlan } from './load-plan.js';
import { LoadProcess } from './load-process.js';

export interface BacklogPhase {
  readonly messagesPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly residentMebibytes: number;
  readonly diskMebibytes: number;
}

/** What all the files under a directory take, as the file system counts it. */
function diskMebibytes(directory: string): number {
  return Number(execFileSync('du', ['-sm', directory]).toString().split('\t')[0]);
}

const queue = 'warren.bench.backlog';
const pollMs = 10;

const plan: Omit<LoadPlan, 'host' | 'port' | 'user' | 'password'> = {
  publishers: 0,
  exchange: '',
  routingKey: queue,
  bodyBytes: 512,
  persistent: true,
  confirmWindow: 2000,
  ratePerSecond: 0,
  publishedMax: 0,
  consumers: 0,
  queues: [queue],
  prefetch: 1000,
  ackEvery: 100,
  copies: 1,
  inFlightMax: Number.MAX_SAFE_INTEGER,
};

async function phase(
  contestant: Contestant,
  part: Partial<LoadPlan>,
  messages: number,
  done: (count: LoadCount) => boolean,
): Promise<BacklogPhase> {
  const [before, startedAt] = [contestant.usage(), performance.now()];
  const load = await LoadProcess.start(contestant, { ...plan, ...part });
  load.begin();
  while (!done(await load.count())) await wait(pollMs);
  const [after, seconds] = [contestant.usage(), (performance.now() - startedAt) / 1_000];
  await load.stop();
  const cpu = (after?.cpuMicroseconds ?? Number.NaN) - (before?.cpuMicroseconds ?? 0);
  return {
    messagesPerSecond: messages / seconds,
    cpuMicroseconds: cpu / messages,
    diskMebibytes: contestant.directory === undefined ? Number.NaN : diskMebibytes(contestant.directory),
    residentMebibytes: (after?.residentBytes ?? Number.NaN) / 2 ** 20,
  };
}

/** Rates and costs of `messages` going in, and of them coming out. */
export async function measureBacklog(
  contestant: Contestant,
  messages: number,
): Promise<{ in: BacklogPhase; out: BacklogPhase }> {
  const remove = await declareTopology(contestant.url, { queues: [queue], durable: true });
  try {
    const publishing = { publishers: 1, publishedMax: messages };
    return {
      in: await phase(contestant, publishing, messages, (count) => count.confirmed >= messages),
      out: await phase(contestant, { consumers: 1 }, messages, (count) => count.delivered >= messages),
    };
  } finally {
    await remove();
  }
}
