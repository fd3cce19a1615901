// The broker's benchmark: rates, the server's CPU time a message received, and latencies, by workload.
//   node dist/bench/broker.js [--against amqp://guest:guest@127.0.0.1:5672] [--rounds 2] [--seconds 4]
// With --against, another broker takes turns with Warren's in the same run. Figures are medians of the rounds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from 'amqplib';
import { type Workload, workloads } from './broker-workloads.js';
import type { LoadCount, LoadPlan } from './load-plan.js';
import { listeningProcess, processUsage } from './process-usage.js';
import { formatTable, median, quantile } from './table.js';

interface Contestant {
  readonly name: string;
  readonly url: string;
  readonly processId: number | undefined;
  stop(): Promise<void>;
}

interface Introduced {
  readonly serverProperties: { readonly product: string; readonly version: string };
}

interface Round {
  readonly receivedPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly residentMebibytes: number;
}

const warmUpMs = 1_000;

async function startWarren(): Promise<Contestant> {
  const directory = await mkdtemp(join(tmpdir(), 'warren-bench-'));
  const child = fork(new URL('./broker-process.js', import.meta.url), [directory], {
    execArgv: (process.env['WARREN_BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean),
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    name: 'Warren',
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    processId: child.pid,
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function other(url: string): Promise<Contestant> {
  const { port } = new URL(url);
  const connection = await connect(url);
  // The types know nothing of what the broker said of itself.
  const { product, version } = (connection.connection as unknown as Introduced).serverProperties;
  await connection.close();
  return {
    name: `${product} ${version}`,
    url,
    processId: listeningProcess(Number(port || 5672)),
    stop: async () => {},
  };
}

async function prepare(url: string, workload: Workload): Promise<() => Promise<void>> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const { exchange, queues, durable } = workload;
  if (exchange) await channel.assertExchange(exchange.name, exchange.type, { durable });
  for (const queue of queues) {
    await channel.assertQueue(queue, { durable });
    if (exchange) await channel.bindQueue(queue, exchange.name, exchange.bindingKey);
  }
  return async () => {
    for (const queue of queues) await channel.deleteQueue(queue);
    if (exchange) await channel.deleteExchange(exchange.name);
    await connection.close();
  };
}

async function measure(contestant: Contestant, workload: Workload, seconds: number): Promise<Round> {
  const { hostname, port, username, password } = new URL(contestant.url);
  const remove = await prepare(contestant.url, workload);
  const plan: LoadPlan = {
    ...workload.plan,
    queues: workload.queues,
    host: hostname,
    port: Number(port || 5672),
    user: username || 'guest',
    password: password || 'guest',
  };
  const load = fork(new URL('./load.js', import.meta.url), [JSON.stringify(plan)]);
  const count = async (): Promise<LoadCount> => {
    const answered = once(load, 'message');
    load.send('count');
    const [answer] = (await answered) as [LoadCount];
    if (answer.closed) throw new Error(`${contestant.name} refused the load: ${answer.closed}`);
    return answer;
  };
  const usage = () => (contestant.processId ? processUsage(contestant.processId) : undefined);
  try {
    await once(load, 'message');
    load.send('start');
    await wait(warmUpMs);
    const [before, usedBefore, startedAt] = [await count(), usage(), performance.now()];
    await wait(seconds * 1_000);
    const [after, usedAfter, endedAt] = [await count(), usage(), performance.now()];
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
    const ended = once(load, 'exit');
    if (load.connected) load.send('stop');
    await ended;
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

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: 'ABCDE' },
  },
});

const contestants = [await startWarren(), ...(values.against ? [await other(values.against)] : [])];
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
} finally {
  for (const contestant of contestants) await contestant.stop();
}
console.log(`Broker: ${values.rounds} rounds of ${values.seconds} s for each workload, medians`);
console.log(
  formatTable(['workload', 'broker', 'received/s', 'CPU µs/message', 'p50 ms', 'p99 ms', 'RSS MiB'], rows),
);
