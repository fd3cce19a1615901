/**
 * The store's figures: documents a second in through the official client, CPU and disk a document, and
 * how long five typical queries take. `WARREN_BENCH_DOCUMENTS` sets how many documents (1,000,000).
 */
import { fork } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@elastic/elasticsearch';
import { LogStore } from '../store/store.js';

const DOCUMENTS = Number(process.env['WARREN_BENCH_DOCUMENTS'] ?? 1_000_000);
const BULK = 2000;
const IN_FLIGHT = 2;
const REPEATS = 15;
const SPAN_MS = 6 * 3_600_000;
const WORDS =
  'connection timeout order payment user failed retry created shipped cart gateway database query slow cache miss hit started stopped request response error null reference'.split(
    ' ',
  );
const LEVELS = ['info', 'info', 'info', 'debug', 'warn', 'error'];

/** A small generator of repeatable numbers. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function uuidV7(ms: number, next: () => number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0');
  const part = (length: number): string =>
    Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${part(3)}-8${part(3)}-${part(12)}`;
}

function documentAt(position: number, startMs: number, next: () => number): { id: string; text: string } {
  const ms = startMs + (position / DOCUMENTS) * SPAN_MS;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const message = `${Array.from({ length: 22 }, () => pick(WORDS)).join(' ')} ${Math.floor(next() * 1e6)}${position % 50_000 === 7 ? ' zebra' : ''}`;
  const id = uuidV7(ms, next);
  const service = pick(['order', 'payment', 'search']);
  const document = {
    '@timestamp': new Date(ms).toISOString(),
    message,
    log: { level: pick(LEVELS), logger: 'http' },
    service: { name: service, environment: 'production' },
    host: { hostname: `web-${Math.floor(next() * 8)}` },
    process: { pid: 4711 },
    duration: Math.round(next() * 100_000) / 100,
    event: { id },
  };
  return { id, text: JSON.stringify(document) };
}

async function bytesUnder(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

async function ingest(client: Client, startMs: number): Promise<{ seconds: number; documentBytes: number }> {
  const next = random(1);
  let position = 0;
  let documentBytes = 0;
  let preparingMs = 0;
  const startedAt = performance.now();
  const lane = async (): Promise<void> => {
    while (position < DOCUMENTS) {
      const preparedAt = performance.now();
      const lines: string[] = [];
      for (const end = Math.min(DOCUMENTS, position + BULK); position < end; position++) {
        const { id, text } = documentAt(position, startMs, next);
        documentBytes += Buffer.byteLength(text);
        lines.push(`{"create":{"_id":"${id}"}}`, text);
      }
      preparingMs += performance.now() - preparedAt;
      const answer = await client.bulk({
        index: 'logs-bench-production',
        operations: lines,
        filter_path: 'errors',
      });
      if (answer.errors) throw new Error('the store refused a document of the benchmark');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  await client.indices.refresh({ index: 'logs-bench-production' });
  return { seconds: (performance.now() - startedAt - preparingMs) / 1000, documentBytes };
}

interface Timing {
  p50: number;
  p95: number;
}

async function timed(run: () => Promise<unknown>): Promise<Timing> {
  await run();
  const taken: number[] = [];
  for (let count = 0; count < REPEATS; count++) {
    const startedAt = performance.now();
    await run();
    taken.push(performance.now() - startedAt);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number): number =>
    taken[Math.min(taken.length - 1, Math.floor(share * taken.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

function queries(client: Client, startMs: number): [string, () => Promise<unknown>][] {
  const index = 'logs-*';
  const range = { range: { '@timestamp': { gte: startMs, lte: startMs + SPAN_MS, format: 'epoch_millis' } } };
  const text = (query: string): object => ({ query_string: { query, default_field: 'message' } });
  return [
    [
      'newest 100',
      () =>
        client.search({
          index,
          size: 100,
          track_total_hits: false,
          query: { bool: { filter: [range] } },
          sort: [{ '@timestamp': { order: 'desc' } }, { _doc: { order: 'desc' } }],
        }),
    ],
    [
      'histogram by level',
      () =>
        client.search({
          index,
          size: 0,
          query: { bool: { filter: [range] } },
          aggs: {
            levels: {
              terms: { field: 'log.level' },
              aggs: { times: { date_histogram: { field: '@timestamp', fixed_interval: '5m' } } },
            },
          },
        }),
    ],
    [
      'terms with percentiles',
      () =>
        client.search({
          index,
          size: 0,
          aggs: {
            hosts: {
              terms: { field: 'host.hostname' },
              aggs: { durations: { percentiles: { field: 'duration', percents: [50, 95] } } },
            },
          },
        }),
    ],
    [
      'rare word, newest 50',
      () => client.search({ index, size: 50, query: text('zebra'), sort: [{ '@timestamp': 'desc' }] }),
    ],
    [
      'phrase and level',
      () =>
        client.search({
          index,
          size: 50,
          query: text('"payment failed" AND log.level:error'),
          sort: [{ '@timestamp': 'desc' }],
        }),
    ],
  ];
}

/** The store in a process of its own, so that its CPU is its own. */
async function serve(directory: string): Promise<void> {
  const store = await LogStore.start({ port: 0, dataDirectory: directory });
  process.on('message', (message) => {
    if (message === 'usage') process.send?.({ usage: process.cpuUsage(), rss: process.memoryUsage().rss });
    if (message === 'stop') void store.stop().then(() => process.exit(0));
  });
  process.send?.({ port: store.port });
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'warren-bench-store-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve', directory]);
  const told = <T>(): Promise<T> =>
    new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
  try {
    const { port } = await told<{ port: number }>();
    const client = new Client({ node: `http://127.0.0.1:${port}`, requestTimeout: 120_000 });
    await client.indices.putIndexTemplate({
      name: 'logs',
      index_patterns: ['logs-*-*'],
      data_stream: {},
      template: {
        mappings: {
          dynamic_templates: [
            { strings: { match_mapping_type: 'string', mapping: { type: 'keyword', ignore_above: 1024 } } },
          ],
          properties: { '@timestamp': { type: 'date' }, message: { type: 'text' } },
        },
      },
    });
    const startMs = Date.parse('2026-01-15T06:00:00Z');
    const { seconds, documentBytes } = await ingest(client, startMs);
    child.send('usage');
    const { usage, rss } = await told<{ usage: NodeJS.CpuUsage; rss: number }>();
    const rows: [string, string][] = [
      ['documents', `${DOCUMENTS} of ${Math.round(documentBytes / DOCUMENTS)} bytes`],
      ['documents a second in', String(Math.round(DOCUMENTS / seconds))],
      ['CPU a document', `${((usage.user + usage.system) / DOCUMENTS).toFixed(1)} µs`],
      ['memory after', `${Math.round(rss / 1e6)} MB`],
    ];
    for (const [name, run] of queries(client, startMs)) {
      const { p50, p95 } = await timed(run);
      rows.push([name, `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`]);
    }
    const stopped = new Promise((resolve) => child.once('exit', resolve));
    child.send('stop');
    await stopped;
    rows.push([
      'bytes a document on disk',
      (await bytesUnder(directory)) / DOCUMENTS > 0
        ? ((await bytesUnder(directory)) / DOCUMENTS).toFixed(0)
        : '0',
    ]);
    for (const [name, figure] of rows) console.log(`${name.padEnd(28)} ${figure}`);
  } finally {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'serve') await serve(process.argv[3] ?? '');
else await main();
