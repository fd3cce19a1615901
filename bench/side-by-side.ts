// Warren's broker and RabbitMQ side by side: both on this machine, in turns, under RabbitMQ's own load tool.
//   npm run bench:broker [-- --rounds 3 --seconds 10 --only ABCDEF --backlog 1000000]
// Takes Debian's rabbitmq-server (installed where it is missing and this runs as root), or the RabbitMQ that
// WARREN_TEST_RABBITMQ names. Prints the commands, medians of the rounds, and ratios.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { connect } from 'amqplib';
import { missingRabbitmq, startRabbitmq } from '../test/interop/rabbitmq.js';
import { type BacklogPhase, measureBacklog } from './backlog.js';
import { type Contestant, contestantAt, startWarren } from './contestant.js';
import { describeMachine } from './machine.js';
import { fetchPerfTest, runPerfTest } from './perf-test.js';
import { formatTable, median } from './table.js';

interface Workload {
  readonly name: string;
  readonly options: string;
  /** Left behind by PerfTest. */
  readonly queues?: readonly string[];
  readonly exchange?: string;
}

const workloads: readonly Workload[] = [
  { name: 'A transient, auto-ack', options: '-x 1 -y 1 -s 512 -a' },
  {
    name: 'B persistent, confirms',
    options: '-x 2 -y 2 -s 1024 -f persistent -ad false -u durq -c 1000 -q 1000 -A 100',
    queues: ['durq'],
  },
  {
    name: 'C topic, persistent, confirms',
    options:
      '-x 4 -y 2 -s 512 -t topic -e logs.topic -k app.order.error -q 1000 -A 100 -u logsq -ad false -f persistent -c 500',
    queues: ['logsq'],
    exchange: 'logs.topic',
  },
  { name: 'D fanout to 5', options: '-x 1 -y 5 -s 512 -t fanout -e fan -a', exchange: 'fan' },
  {
    name: 'E 2,000/s, persistent, confirms',
    options: '-x 1 -y 1 -r 2000 -s 512 -f persistent -ad false -u rateq -c 1000 -q 1000 -A 1',
    queues: ['rateq'],
  },
];

interface Round {
  readonly receivedPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly medianMilliseconds: number;
  readonly p99Milliseconds: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: 'ABCDEF' },
    backlog: { type: 'string', default: '1000000' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];

function installRabbitmq(): void {
  const missing = missingRabbitmq();
  if (missing === undefined) return;
  if (process.getuid?.() !== 0) throw new Error(missing);
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'rabbitmq-server'], options);
  if (missingRabbitmq() !== undefined) throw new Error(missing);
}

async function removeLeftovers(contestant: Contestant, workload: Workload): Promise<void> {
  const connection = await connect(contestant.url);
  const channel = await connection.createChannel();
  for (const queue of workload.queues ?? []) await channel.deleteQueue(queue);
  if (workload.exchange) await channel.deleteExchange(workload.exchange);
  await connection.close();
}

async function measure(classPath: string, contestant: Contestant, workload: Workload): Promise<Round> {
  const before = contestant.usage();
  const result = await runPerfTest(classPath, contestant.url, seconds, workload.options.split(' '));
  const after = contestant.usage();
  await removeLeftovers(contestant, workload);
  const cpu = (after?.cpuMicroseconds ?? Number.NaN) - (before?.cpuMicroseconds ?? 0);
  return {
    receivedPerSecond: result.receivedPerSecond,
    cpuMicroseconds: cpu / (result.receivedPerSecond * seconds),
    medianMilliseconds: result.medianMicroseconds / 1_000,
    p99Milliseconds: result.p99Microseconds / 1_000,
  };
}

function figure(value: number, digits = 0): string {
  return Number.isNaN(value) ? '' : value.toLocaleString('en', { maximumFractionDigits: digits });
}

function medianRound(of: readonly Round[]): Round {
  const one = (key: keyof Round): number => median(of.map((round) => round[key]));
  return {
    receivedPerSecond: one('receivedPerSecond'),
    cpuMicroseconds: one('cpuMicroseconds'),
    medianMilliseconds: one('medianMilliseconds'),
    p99Milliseconds: one('p99Milliseconds'),
  };
}

/** Warren's row, RabbitMQ's row, and how many times Warren's figure is RabbitMQ's. */
function rowsOf(workload: string, warren: Round, rabbitmq: Round): string[][] {
  const row = (name: string, broker: string, { ...round }: Round): string[] => [
    name,
    broker,
    figure(round.receivedPerSecond),
    figure(round.cpuMicroseconds, 1),
    figure(round.medianMilliseconds, 2),
    figure(round.p99Milliseconds, 1),
  ];
  const ratio = (key: keyof Round): string => `× ${figure(warren[key] / rabbitmq[key], 2)}`;
  const keys = ['receivedPerSecond', 'cpuMicroseconds', 'medianMilliseconds', 'p99Milliseconds'] as const;
  return [row(workload, 'Warren', warren), row('', 'RabbitMQ', rabbitmq), ['', '', ...keys.map(ratio)]];
}

async function compare(classPath: string, contestants: readonly Contestant[]): Promise<void> {
  const rows: string[][] = [];
  for (const workload of workloads) {
    if (!values.only.includes(workload.name.charAt(0))) continue;
    console.log(`${workload.name}: PerfTest -z ${seconds} ${workload.options}`);
    const measured = contestants.map((): Round[] => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, contestant] of contestants.entries()) {
        measured[index]?.push(await measure(classPath, contestant, workload));
      }
    }
    const [warren, rabbitmq] = measured.map(medianRound) as [Round, Round];
    rows.push(...rowsOf(workload.name, warren, rabbitmq));
  }
  const head = ['workload', 'broker', 'received/s', 'CPU µs/message', 'p50 ms', 'p99 ms'];
  if (rows.length > 0) console.log(`\nMedians of ${rounds} rounds\n${formatTable(head, rows)}`);
}

async function compareBacklogs(contestants: readonly Contestant[]): Promise<void> {
  const messages = Number(values.backlog);
  const rows: string[][] = [];
  const row = (what: string, name: string, phase: BacklogPhase): string[] => [
    what,
    name,
    figure(phase.messagesPerSecond),
    figure(phase.cpuMicroseconds, 1),
    figure(phase.residentMebibytes),
    figure(phase.diskMebibytes),
  ];
  for (const contestant of contestants) {
    const backlog = await measureBacklog(contestant, messages);
    rows.push(row(`F ${figure(messages)} persistent in, no consumer`, contestant.name, backlog.in));
    rows.push(row('  and out again', contestant.name, backlog.out));
  }
  const head = ['backlog', 'broker', 'messages/s', 'CPU µs/message', 'RSS MiB', 'disk MiB'];
  console.log(`\nWith a light load of our own (bench/load.ts)\n${formatTable(head, rows)}`);
}

installRabbitmq();
const classPath = fetchPerfTest();
const rabbitmq = await startRabbitmq();
const warren = await startWarren();
try {
  const rabbitmqUrl = `amqp://guest:guest@${rabbitmq.host}:${rabbitmq.port}`;
  const contestants = [warren, await contestantAt(rabbitmqUrl, rabbitmq.directory)];
  console.log(`${describeMachine()}\nWarren against ${contestants[1]?.name}\n`);
  await compare(classPath, contestants);
  if (values.only.includes('F')) await compareBacklogs(contestants);
} finally {
  await warren.stop();
  await rabbitmq.stop();
}
