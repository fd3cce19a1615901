/**
 * What agents cost: the application's own thread for each line it logs through `warren/pino`, against
 * pino's own file transport; and the CPU of the publisher and of the file agent for each record.
 *
 * Runs alone: `node dist/bench/agent.js`. Every figure is taken in a process of its own; the broker is
 * in memory, in another process, with a queue that keeps the last 1,000 records.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import pino from 'pino';
import { FileAgent } from '../agents/file/file-agent.js';
import { newEventId, Publisher } from '../agents/publisher.js';
import { Broker } from '../broker/broker.js';

const LINES = 100_000;
const BATCH_LINES = 200;
const BATCH_PAUSE_MS = 5;
const ROUNDS = 3;

/** What one process reports, one line of JSON on standard output. */
type Figures = Record<string, number>;

/** Nanoseconds the main thread has been on a CPU: its thread id is the process's (proc(5)). */
function mainThreadNs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);
}

async function logLines(transport: pino.TransportSingleOptions): Promise<Figures> {
  const stream = pino.transport(transport);
  const logger = pino(stream);
  await once(stream, 'ready');
  const write = (n: number): void => {
    logger.info({ orderId: n, customer: 'c-4711', items: [1, 2, 3], total: 99.5 }, 'order placed');
  };
  // Compiled code is what is measured.
  for (let n = 0; n < 20_000; n += 1) write(n);
  await wait(500);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startNs = mainThreadNs();
  for (let n = 0; n < LINES; n += 1) {
    write(n);
    if (n % BATCH_LINES === 0) await wait(BATCH_PAUSE_MS);
  }
  const figures = {
    mainThreadUs: (mainThreadNs() - startNs) / LINES / 1_000,
    delayP99Ms: delay.percentile(99) / 1e6,
  };
  return figures;
}

async function publishRecords(url: string): Promise<Figures> {
  const publisher = Publisher.start({ url, service: 'bench' });
  await publisher.connected();
  const publish = async (records: number): Promise<void> => {
    for (let n = 0; n < records; n += 1) {
      const hasRoom = publisher.publish({
        '@timestamp': new Date().toISOString(),
        message: 'order placed',
        log: { level: 'info' },
        service: { name: 'bench' },
        process: { pid: process.pid },
        event: { id: newEventId() },
        orderId: n,
        customer: 'c-4711',
      });
      if (!hasRoom) await publisher.drained();
    }
    await publisher.flush(60_000);
  };
  await publish(20_000);
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  await publish(LINES);
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    cpuUs: (user + system) / LINES,
    perSecond: (LINES / (performance.now() - startMs)) * 1_000,
  };
  await publisher.close();
  return figures;
}

async function followFile(url: string): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'warren-bench-'));
  const line = '2026-01-31T10:20:30.456Z INFO  [http-1] com.shop.Orders - order placed, customer c-4711\n';
  writeFileSync(join(directory, 'app.log'), line.repeat(LINES));
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  const agent = await FileAgent.start({
    globs: [join(directory, 'app.log')],
    service: 'bench',
    brokerUrl: url,
    dataDirectory: join(directory, 'data'),
  });
  // The last line waits for a continuation, so it is not part of the count.
  while (agent.status.publisher.confirmed < LINES - 1) await wait(20);
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    cpuUs: (user + system) / LINES,
    perSecond: (LINES / (performance.now() - startMs)) * 1_000,
  };
  await agent.stop();
  rmSync(directory, { recursive: true });
  return figures;
}

async function serveBroker(): Promise<void> {
  const broker = await Broker.start({ port: 0 });
  const url = `amqp://guest:guest@127.0.0.1:${broker.port}`;
  const model = await connect(url);
  const channel = await model.createChannel();
  await channel.assertExchange('logs', 'topic', { durable: true });
  await channel.assertQueue('bench', { maxLength: 1_000, durable: false });
  await channel.bindQueue('bench', 'logs', '#');
  process.stdout.write(`${url}\n`);
}

function warrenTransport(url: string): pino.TransportSingleOptions {
  const target = fileURLToPath(new URL('../agents/pino/transport.js', import.meta.url));
  return { target, options: { url, service: 'bench', fallback: 'none' } };
}

/** Runs one role of this file in a process of its own and returns its figures, the best of some rounds. */
async function measure(role: string, argument = ''): Promise<Figures> {
  const runs: Figures[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), role, argument], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child, 'close');
    runs.push(JSON.parse(output) as Figures);
  }
  const names = Object.keys(runs[0] ?? {});
  const median = (name: string): number => runs.map((run) => run[name]!).sort((a, b) => a - b)[ROUNDS >> 1]!;
  return Object.fromEntries(names.map((name) => [name, Math.round(median(name) * 100) / 100]));
}

async function compare(): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'broker'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const url = first.toString().trim();
  // Accepts connections and never reads or answers.
  const stalled = createServer().listen(0, '127.0.0.1');
  await once(stalled, 'listening');
  const { port } = stalled.address() as AddressInfo;
  try {
    console.log(`What the application's thread pays, ${LINES} lines, median of ${ROUNDS} runs`);
    console.table({
      'pino/file': await measure('pino-file'),
      'warren/pino, broker there': await measure('warren-pino', url),
      'warren/pino, broker away': await measure('warren-pino', 'amqp://127.0.0.1:1'),
      'warren/pino, broker stalled': await measure('warren-pino', `amqp://127.0.0.1:${port}`),
    });
    console.log(
      `What the whole process of an agent pays for a record, ${LINES} records, median of ${ROUNDS} runs`,
    );
    console.table({
      publisher: await measure('publisher', url),
      'file agent': await measure('file', url),
    });
  } finally {
    stalled.close();
    child.kill();
  }
}

async function report(figures: Promise<Figures>): Promise<void> {
  process.stdout.write(JSON.stringify(await figures));
}

const [, , role, argument = ''] = process.argv;
switch (role) {
  case undefined:
    await compare();
    break;
  case 'broker':
    await serveBroker();
    break;
  case 'pino-file':
    await report(logLines({ target: 'pino/file', options: { destination: '/dev/null' } }));
    break;
  case 'warren-pino':
    await report(logLines(warrenTransport(argument)));
    break;
  case 'publisher':
    await report(publishRecords(argument));
    break;
  case 'file':
    await report(followFile(argument));
    break;
  default:
    throw new Error(`There is no role ${role}`);
}
