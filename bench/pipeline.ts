/**
 * The whole pipeline: records a second from an agent until all are searchable in the store, and the
 * CPU time a record of every process on the way.
 *
 * Runs alone: `node dist/bench/pipeline.js`; `WARREN_BENCH_RECORDS` for another number of records.
 * Broker, store and collector are `warren` commands in processes of their own, with a temporary data
 * directory; the agent is this process. Some records go first, uncounted: compiled code is what is
 * measured. Only once everything is published is the store asked, every 100 ms, how many it finds, so
 * the agent's figure has no asking in it and the store's very little.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@elastic/elasticsearch';
import { newEventId, Publisher } from '../agents/publisher.js';
import { LEVELS, type LogRecord } from '../agents/record.js';
import { type ProcessUsage, processUsage } from './process-usage.js';
import { formatTable } from './table.js';

const ENTRY = fileURLToPath(new URL('../cli/warren.js', import.meta.url));
const DEFAULT_RECORDS = 100_000;
const WARM_UP_RECORDS = 5_000;
const SERVICE = 'bench';
const ASK_MS = 100;
const READY_MS_MAX = 30_000;
const FLUSH_MS_MAX = 300_000;
/** Without one more record found for this long, something is broken. */
const STALLED_MS_MAX = 60_000;
const KILL_MS = 12_000;

/** A `warren` command in a process of its own. */
class Part {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = '';

  private constructor(name: string, environment: Record<string, string>) {
    this.name = name;
    this.#child = spawn(process.execPath, [ENTRY, name], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /** Starts the command, adds it to `parts` and waits until it says that it is ready. */
  static async start(name: string, environment: Record<string, string>, parts: Part[]): Promise<Part> {
    const part = new Part(name, environment);
    parts.push(part);
    const deadline = performance.now() + READY_MS_MAX;
    while (!/Warren is ready\n(?: {2}.*\n)+/.test(part.#output)) {
      if (part.#isOver) throw new Error(`warren ${name} ended before it was ready`);
      if (performance.now() > deadline) throw new Error(`warren ${name} is not ready in time`);
      await wait(20);
    }
    return part;
  }

  get address(): string {
    const address = new RegExp(`^ {2}${this.name} +(\\S+)$`, 'm').exec(this.#output)?.[1];
    if (address === undefined) throw new Error(`warren ${this.name} prints no address`);
    return address;
  }

  get usage(): ProcessUsage {
    if (this.#isOver) throw new Error(`warren ${this.name} ended during the benchmark`);
    return processUsage(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_MS);
    await this.#closed;
    clearTimeout(killer);
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** A record of about 400 bytes as JSON. */
function recordAt(position: number): LogRecord {
  return {
    '@timestamp': new Date().toISOString(),
    message: `order ${position} placed by customer c-${position % 997}: 3 items in the cart, paid by card, shipped tomorrow from the warehouse in the harbour`,
    log: { level: LEVELS[position % LEVELS.length] ?? 'info', logger: 'shop.orders' },
    service: { name: SERVICE, environment: 'production' },
    host: { hostname: `web-${position % 8}` },
    process: { pid: process.pid },
    event: { id: newEventId() },
    orderId: position,
    total: (position % 10_000) / 100,
  };
}

/** Publishes and waits until the broker has confirmed every record. */
async function publish(publisher: Publisher, records: number): Promise<void> {
  for (let position = 0; position < records; position += 1) {
    if (!publisher.publish(recordAt(position))) await publisher.drained();
  }
  const isSettled = await publisher.flush(FLUSH_MS_MAX);
  const lost = Object.values(publisher.status.dropped).reduce((sum, count) => sum + count, 0);
  if (!isSettled || lost > 0) throw new Error(`The agent lost ${lost} records, all settled: ${isSettled}`);
}

/** Waits until the store finds this many documents. */
async function searchable(client: Client, expected: number): Promise<void> {
  let found = -1;
  let foundAt = performance.now();
  while (found < expected) {
    const { count } = await client.count({ index: 'logs-*' });
    if (count > found) foundAt = performance.now();
    else if (performance.now() - foundAt > STALLED_MS_MAX) {
      throw new Error(`The store finds ${count} of ${expected} records and no more`);
    }
    found = count;
    if (found < expected) await wait(ASK_MS);
  }
  if (found > expected) throw new Error(`The store finds ${found} records instead of ${expected}`);
}

function figure(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

async function measure(publisher: Publisher, client: Client, parts: Part[], records: number): Promise<void> {
  await publish(publisher, WARM_UP_RECORDS);
  await searchable(client, WARM_UP_RECORDS);
  const before = parts.map((part) => part.usage);
  const agentBefore = process.cpuUsage();
  const startedAt = performance.now();
  await publish(publisher, records);
  const publishedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(agentBefore);
  const agentResident = process.memoryUsage.rss();
  await searchable(client, WARM_UP_RECORDS + records);
  const searchableMs = performance.now() - startedAt;
  const after = parts.map((part) => part.usage);

  const row = (name: string, cpuMicroseconds: number, residentBytes: number): string[] => [
    name,
    figure(cpuMicroseconds / records, 1),
    figure(residentBytes / 2 ** 20),
  ];
  const rows = parts.map((part, index) => {
    const { cpuMicroseconds = Number.NaN, residentBytes = Number.NaN } = after[index] ?? {};
    return row(part.name, cpuMicroseconds - (before[index]?.cpuMicroseconds ?? 0), residentBytes);
  });
  const bytes = Buffer.byteLength(JSON.stringify(recordAt(records)));
  console.log(`Pipeline: ${figure(records)} records of about ${bytes} bytes, agent to store`);
  const times = [
    ['published and confirmed', publishedMs],
    ['searchable in the store', searchableMs],
  ] as const;
  const timeRows = times.map(([name, ms]) => [name, figure(ms / 1_000, 2), figure((records * 1_000) / ms)]);
  console.log(formatTable(['until all are', 'seconds', 'records/s'], timeRows));
  console.log('');
  const agent = row('agent', user + system, agentResident);
  console.log(formatTable(['process', 'CPU µs/record', 'RSS MiB'], [agent, ...rows]));
}

const records = Number(process.env['WARREN_BENCH_RECORDS'] || DEFAULT_RECORDS);
if (!Number.isInteger(records) || records < 1) throw new Error('WARREN_BENCH_RECORDS must be a whole number');
const directory = mkdtempSync(join(tmpdir(), 'warren-bench-'));
const environment = {
  WARREN_CONFIG: '',
  WARREN_AMQP_PORT: '0',
  WARREN_MANAGEMENT_PORT: '0',
  WARREN_STORE_PORT: '0',
  WARREN_DATA_DIR: directory,
  WARREN_LOG_LEVEL: 'silent',
};
const parts: Part[] = [];
try {
  const broker = await Part.start('broker', environment, parts);
  const url = broker.address.replace('amqp://', 'amqp://guest:guest@');
  const store = await Part.start('store', { ...environment, WARREN_BROKER_URL: url }, parts);
  const node = store.address;
  const addresses = { WARREN_BROKER_URL: url, WARREN_ELASTICSEARCH_URL: node };
  await Part.start('collector', { ...environment, ...addresses }, parts);
  const client = new Client({ node });
  const publisher = Publisher.start({ url, service: SERVICE });
  await publisher.connected();
  await measure(publisher, client, parts, records).finally(() => publisher.close());
  await client.close();
} finally {
  for (const part of parts.reverse()) await part.stop();
  rmSync(directory, { recursive: true, force: true });
}
