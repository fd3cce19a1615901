import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ScriptedIndex } from '../../test/fixtures/scripted-index.js';
import type { LogDocument } from '../normalise/document.js';
import { elasticsearchClient } from '../sink/elasticsearch.js';
import { IndexSetup } from './index-setup.js';

let index: ScriptedIndex;
let nowMs = 0;

beforeEach(async () => {
  index = await ScriptedIndex.start();
  nowMs = 0;
});

afterEach(() => index.stop());

function setup(): IndexSetup {
  const client = elasticsearchClient({ urls: [index.url], apiKey: undefined, timeoutMs: 5000 });
  return new IndexSetup(client, 'default', pino({ level: 'silent' }), () => nowMs);
}

function documentOf(service: string, environment: string): LogDocument {
  return { id: 'x', service, environment, timestamp: '2026-01-02T23:00:00-02:00', source: Buffer.alloc(0) };
}

test('the template is installed once, and not asked for again while the server answers', async () => {
  const indexSetup = setup();
  await indexSetup.ensure();
  const requests = index.requestCount;
  nowMs = 900;
  await indexSetup.ensure();
  expect(index.requestCount).toBe(requests);
  expect(index.templates.has('warren-logs')).toBe(true);
});

test('a server that was emptied during a silence gets the template again', async () => {
  const indexSetup = setup();
  await indexSetup.ensure();
  index.templates.clear();
  nowMs = 1100;
  await indexSetup.ensure();
  expect(index.templates.has('warren-logs')).toBe(true);
});

test('a template that somebody deletes under load comes back within half a minute', async () => {
  const indexSetup = setup();
  await indexSetup.ensure();
  index.templates.clear();
  for (nowMs = 0; nowMs <= 30_000; nowMs += 500) {
    indexSetup.seen();
    await indexSetup.ensure();
  }
  expect(index.templates.has('warren-logs')).toBe(true);
});

test("a newer version's template is left alone, an older one is replaced", async () => {
  index.templates.set('warren-logs', { version: 999, data_stream: {} });
  await setup().ensure();
  expect(index.templates.get('warren-logs')).toEqual({ version: 999, data_stream: {} });
  index.templates.set('warren-logs', { version: 0, data_stream: {} });
  await setup().ensure();
  expect(index.templates.get('warren-logs')).toMatchObject({ version: 1, index_patterns: ['logs-*-*'] });
});

test('a document goes to the data stream of its service and environment', async () => {
  const indexSetup = setup();
  await indexSetup.ensure();
  expect(indexSetup.indexOf(documentOf('order', ''))).toBe('logs-order-default');
  expect(indexSetup.indexOf(documentOf('order', 'staging'))).toBe('logs-order-staging');
});

test('without data streams it goes to the index of its own day in UTC', async () => {
  index.script = { hasDataStreams: false };
  const indexSetup = setup();
  await indexSetup.ensure();
  expect(indexSetup.indexOf(documentOf('order', ''))).toBe('logs-order-default-2026.01.03');
});

test('a server that is away is an error, and the next call asks again', async () => {
  const { port } = index;
  const indexSetup = setup();
  await index.stop();
  await expect(indexSetup.ensure()).rejects.toThrow();
  index = await ScriptedIndex.start({}, port);
  await indexSetup.ensure();
  expect(index.templates.has('warren-logs')).toBe(true);
});
