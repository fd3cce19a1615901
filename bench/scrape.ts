// Scrapes of metrics with many queues: how large they are, what they cost, and how long a publish with a
// confirm takes meanwhile on a connection of its own. The queues are in a process of their own. For
// comparison, what prom-client takes to hold and write the four coarse metrics of as many queues.
//   node dist/bench/scrape.js [--queues 100000]
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type ConfirmChannel, connect } from 'amqplib';
import { Gauge, Registry } from 'prom-client';
import { Broker } from '../broker/broker.js';
import { describeMachine } from './machine.js';
import { processUsage } from './process-usage.js';
import { formatTable, quantile } from './table.js';

const { values, positionals } = parseArgs({
  options: { queues: { type: 'string', default: '100000' } },
  allowPositionals: true,
});
const queues = Number(values.queues);

const SCRAPES = [
  ['/metrics', 'identity'],
  ['/metrics/detailed?family=queue_coarse_metrics', 'identity'],
  ['/metrics/detailed?family=queue_coarse_metrics', 'gzip'],
  ['/metrics/per-object', 'identity'],
  ['/metrics/per-object', 'gzip'],
] as const;
const PROBE_EVERY_MS = 5;
const IDLE_MS = 5000;
const PIPELINED = 1000;

/** The process with the broker in it. */
async function serve(): Promise<void> {
  const broker = await Broker.start({ port: 0, management: { port: 0, metrics: { port: 0 } } });
  process.send?.({ port: broker.port, metricsPort: broker.metricsPort });
  await once(process, 'disconnect');
  await broker.stop();
}

/** What the library would take, were it all in there; says it to the parent. */
async function holdInLibrary(): Promise<void> {
  const before = process.memoryUsage.rss();
  const registry = new Registry();
  const startedAt = performance.now();
  for (let metric = 0; metric < 4; metric += 1) {
    const labelNames = ['vhost', 'queue'];
    const gauge = new Gauge({ name: `queue_${metric}`, help: 'Messages', labelNames, registers: [registry] });
    for (let queue = 0; queue < queues; queue += 1)
      gauge.set({ vhost: '/', queue: `warren.bench.${queue}` }, queue);
  }
  const setMs = performance.now() - startedAt;
  const text = await registry.metrics();
  const writeMs = performance.now() - startedAt - setMs;
  const bytes = process.memoryUsage.rss() - before;
  process.send?.({ setMs, writeMs, bytes, characters: text.length });
  process.disconnect();
}

async function child(what: string): Promise<[ChildProcess, Record<string, number>]> {
  const process = fork(fileURLToPath(import.meta.url), [what, '--queues', String(queues)]);
  const [message] = (await once(process, 'message')) as [Record<string, number>];
  return [process, message];
}

/** How long publishes take until `end` is settled, in milliseconds. */
async function probe(channel: ConfirmChannel, end: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let ended = false;
  void end.finally(() => {
    ended = true;
  });
  while (!ended) {
    const sentAt = performance.now();
    channel.sendToQueue('warren.bench.0', Buffer.alloc(16));
    await channel.waitForConfirms();
    times.push(performance.now() - sentAt);
    await wait(PROBE_EVERY_MS);
  }
  return times;
}

async function measure(): Promise<void> {
  const [broker, { port, metricsPort }] = await child('broker');
  const client = await connect(`amqp://guest:guest@127.0.0.1:${port}`);
  const channel = await client.createConfirmChannel();
  for (let from = 0; from < queues; from += PIPELINED) {
    const some = Array.from({ length: Math.min(PIPELINED, queues - from) }, (_, at) =>
      channel.assertQueue(`warren.bench.${from + at}`),
    );
    await Promise.all(some);
  }
  const rows: string[][] = [];
  const idle = await probe(channel, wait(IDLE_MS));
  rows.push(['nothing', '', '', '', '', '', ...figures(idle)]);
  for (const [path, encoding] of SCRAPES) {
    const before = processUsage(broker.pid as number);
    const startedAt = performance.now();
    const scrape = promisify(execFile)('curl', [
      '-sS',
      ...['-o', '/dev/null', '-w', '%{size_download}', '-H', `accept-encoding: ${encoding}`],
      `http://127.0.0.1:${metricsPort}${path}`,
    ]);
    const times = await probe(channel, scrape);
    const seconds = (performance.now() - startedAt) / 1000;
    const after = processUsage(broker.pid as number);
    const { stdout } = await scrape;
    rows.push([
      path,
      encoding,
      (Number(stdout) / 1e6).toFixed(1),
      seconds.toFixed(2),
      ((after.cpuMicroseconds - before.cpuMicroseconds) / 1e6).toFixed(2),
      ((after.residentBytes - before.residentBytes) / 2 ** 20).toFixed(0),
      ...figures(times),
    ]);
  }
  await client.close();
  broker.disconnect();
  console.log(`\n${queues} queues; milliseconds from publish to confirm while they are scraped\n`);
  console.log(
    formatTable(['scrape', 'encoding', 'MB', 's', 'CPU s', 'RSS + MiB', 'p50', 'p99', 'most'], rows),
  );
  const [, library] = await child('library');
  console.log(
    `\nprom-client, four gauges of as many queues: ${(library['setMs'] as number).toFixed(0)} ms to set, ${(library['writeMs'] as number).toFixed(0)} ms to write ${((library['characters'] as number) / 1e6).toFixed(1)} MB in one go, ${((library['bytes'] as number) / 2 ** 20).toFixed(0)} MiB`,
  );
}

function figures(times: readonly number[]): string[] {
  return [quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1)].map((time) => time.toFixed(1));
}

if (positionals[0] === 'broker') await serve();
else if (positionals[0] === 'library') await holdInLibrary();
else {
  console.log(describeMachine());
  await measure();
}
