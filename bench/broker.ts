// The broker's benchmark: rates, the server's CPU time a message received, and latencies, by workload.
//   node dist/bench/broker.js [--against amqp://guest:guest@127.0.0.1:5672] [--rounds 2] [--seconds 4] [--only AB] [--backlog 300000]
// With --against, another broker takes turns with Warren's in the same run. Figures are medians of the rounds.
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BacklogPhase, measureBacklog } from './backlog.js';
import { type Workload, workloads } from './broker-workloads.js';
import { type Contestant, contestantAt, declareTopology, startWarren } from './contestant.js';
import { LoadProcess } from './load-process.js';
import { formatTable, median, quantile } from './table.js';

interface Round {
  readonly receivedPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly residentMebibytes: number;
}

const warmUpMs = 1_000;

async function measure(contestant: Contestant, workload: Workload, seconds: number): Promise<Round> {
  const remove = await declareTopology(contestant.url, workload);
  const load = await LoadProcess.start(contestant, { ...workload.plan, queues: workload.queues });
  try {
    load.begin();
    await wait(warmUpMs);
    const [before, usedBefore, startedAt] = [await load.count(), contestant.usage(), performance.now()];
    await wait(seconds * 1_000);
    const [after, usedAfter, endedAt] = [await load.count(), contestant.usage(), performance.now()];
    const received = after.delivered - before.delivered;
    const cpu = (usedAfter?.cpuMicroseconds ?? Number.NaN) - (usedBefore?.cpuMicroseconds ?? 0);
    return {
      receivedPerSecond: (received * 1_000) / (endedAt - startedAt),
      cpuMicroseconds: cpu / received,
      p50Milliseconds: quantile(after.latenciesMicroseconds, 0.5) / 1_000,
      p99Milliseconds: quantile(after.latenciesMicroseconds, 0.99) / 1_000,
      residentMebibytes: (usedAfter?.residentBytes ?? Number.NaN) / 2 ** 20,
    };
  } finally {
    await load.stop();
    await remove();
  }
}

function figure(value: number, digits = 0): string {
  return Number.isNaN(value) ? '' : value.toLocaleString('en', { maximumFractionDigits: digits });
}

function row(workload: string, name: string, rounds: Round[]): string[] {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key]));
  return [
    workload,
    name,
    figure(of('receivedPerSecond')),
    figure(of('cpuMicroseconds'), 1),
    figure(of('p50Milliseconds'), 2),
    figure(of('p99Milliseconds'), 2),
    figure(of('residentMebibytes')),
  ];
}

function backlogRow(what: string, name: string, phase: BacklogPhase): string[] {
  const { messagesPerSecond, cpuMicroseconds, residentMebibytes } = phase;
  const cpu = figure(cpuMicroseconds, 1);
  return [what, name, figure(messagesPerSecond), cpu, '', '', figure(residentMebibytes)];
}

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: 'ABCDEF' },
    backlog: { type: 'string', default: '300000' },
  },
});

const contestants = [await startWarren(), ...(values.against ? [await contestantAt(values.against)] : [])];
const rows: string[][] = [];
try {
  for (const workload of workloads) {
    if (!values.only.includes(workload.name.charAt(0))) continue;
    const rounds = contestants.map((): Round[] => []);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [index, contestant] of contestants.entries()) {
        rounds[index]?.push(await measure(contestant, workload, Number(values.seconds)));
      }
    }
    for (const [index, contestant] of contestants.entries()) {
      rows.push(row(index === 0 ? workload.name : '', contestant.name, rounds[index] ?? []));
    }
  }
  if (values.only.includes('F')) {
    const messages = Number(values.backlog);
    for (const contestant of contestants) {
      const backlog = await measureBacklog(contestant, messages);
      rows.push(backlogRow(`F ${figure(messages)} persistent in, no consumer`, contestant.name, backlog.in));
      rows.push(backlogRow('  and out again', contestant.name, backlog.out));
    }
  }
} finally {
  for (const contestant of contestants) await contestant.stop();
}
console.log(`Broker: ${values.rounds} rounds of ${values.seconds} s for each workload, medians`);
console.log(
  formatTable(['workload', 'broker', 'received/s', 'CPU µs/message', 'p50 ms', 'p99 ms', 'RSS MiB'], rows),
);
