/** A running store for tests, with its official client; taken down after each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, errors } from '@elastic/elasticsearch';
import { afterEach, expect } from 'vitest';
import { LogStore, type LogStoreOptions } from './store.js';

const stores: LogStore[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.stop();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** A directory that goes when the test ends. */
export async function directoryForTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'warren-store-'));
  directories.push(directory);
  return directory;
}

/** A running store and a client of it. */
export async function start(
  options: Partial<LogStoreOptions> = {},
): Promise<{ store: LogStore; client: Client; url: string }> {
  const dataDirectory = options.dataDirectory ?? (await directoryForTest());
  const store = await LogStore.start({ port: 0, ...options, dataDirectory });
  stores.push(store);
  const url = `http://127.0.0.1:${store.port}`;
  return { store, client: new Client({ node: url, maxRetries: 0 }), url };
}

/** What a call was refused with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number; type: string; reason: string; cause: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof errors.ResponseError)) throw error;
    const { body, statusCode } = error.meta;
    const { error: details } = body as {
      error: { type: string; reason: string; root_cause: { reason: string }[] };
    };
    return {
      status: statusCode ?? 0,
      type: details.type,
      reason: details.reason,
      cause: details.root_cause[0]?.reason ?? '',
    };
  }
  throw new Error('the call was not refused');
}

/** When the first document of {@link withLogs} is. */
export const AT = Date.UTC(2026, 2, 28, 20);

/** A running store with 60 documents, one an hour, in two data streams. */
export async function withLogs(
  options: Partial<LogStoreOptions> = {},
): Promise<Awaited<ReturnType<typeof start>>> {
  const started = await start(options);
  await started.client.indices.putIndexTemplate({
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
  const operations = Array.from({ length: 60 }, (_, position) => [
    { create: { _index: `logs-${position % 2 === 0 ? 'order' : 'payment'}-test`, _id: `id-${position}` } },
    {
      '@timestamp': new Date(AT + position * 3_600_000).toISOString(),
      message: `Connection timeout to host-${position}`,
      log: { level: position % 3 === 0 ? 'error' : 'info' },
      service: { name: position % 2 === 0 ? 'order' : 'payment' },
      duration: position + 0.5,
      tags: ['a', `t${position % 2}`],
    },
  ]).flat();
  const answer = await started.client.bulk({ operations, refresh: true });
  expect(answer.errors).toBe(false);
  return started;
}
