/**
 * Requests of any kind: none may be answered with a fault of ours, and the broker goes on. In its long form
 * (WARREN_FUZZ_RUNS=1000000, cut off after WARREN_FUZZ_MS) it is run by hand, and says what it found.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import type { ManagementClient } from '../../test/support/management-client.js';
import { allResources } from './resources/all-resources.js';

const runs = Number(process.env['WARREN_FUZZ_RUNS'] ?? 400);
const isLong = runs > 400;
const timeMsMax = Number(process.env['WARREN_FUZZ_MS'] ?? 60_000 + runs * 100);
/** Milliseconds; the longest that one request may take. */
const ANSWERED_MS = 10_000;

const NAMES = ['/', 'v', 'q', 'amq.topic', 'guest', '', '..', '__proto__', 'x'.repeat(300), '1', 'q1 (1)'];

/** Lone surrogates have no encoding. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

const segment = fc.oneof(
  fc.constantFrom(...NAMES).map(encodeURIComponent),
  fc.string({ maxLength: 20 }).map((text) => encode(text)),
  fc.stringMatching(/^[%a-zA-Z0-9.+~()'_-]{0,12}$/),
);

/** A path of a resource with something in each of its places, or no path of ours. */
const path = fc
  .tuple(
    fc.constantFrom(...allResources().map((resource) => resource.path), '/', '/x/:y', '/:a/:b/:c/:d/:e/:f'),
    fc.array(segment, { minLength: 6, maxLength: 6 }),
  )
  .map(([pattern, segments]) => {
    let at = 0;
    return pattern.replace(/:\w+/g, () => segments[at++ % segments.length] as string);
  });

const PARAMETERS = [
  'page',
  'page_size',
  'name',
  'use_regex',
  'sort',
  'columns',
  'offset',
  'count',
  'truncate',
];
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(...PARAMETERS, 'header.x', 'contains', 'if-unused', 'disable_stats', 'download'),
      fc.oneof(fc.constantFrom('1', '-1', 'true', '(', 'a.b,c', '1e9', ''), fc.string({ maxLength: 10 })),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${encode(value)}`).join('&'));

const FIELDS = [
  'durable',
  'arguments',
  'type',
  'count',
  'ackmode',
  'encoding',
  'routing_key',
  'properties',
  'payload',
  'payload_encoding',
  'value',
  'tags',
  'password',
  'password_hash',
  'configure',
  'write',
  'read',
  'pattern',
  'definition',
  'priority',
  'apply-to',
  'users',
  'vhosts',
  'queues',
  'bindings',
  'exchanges',
  'permissions',
  'parameters',
  'policies',
  '__proto__',
];
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('auto', 'ack_requeue_true', 'string', 'base64', '.*', 'topic', 1, -1, 1e300, 0.5),
);
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), value).map((fields) => JSON.stringify(fields)),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
);
const type = fc.constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', '');
const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH');

/** Bytes of the heap that are in use, once nothing is left to be collected. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** Deletes whatever the requests made, so that what is left is what the broker holds for nothing. */
async function deleteWhatWasMade(client: ManagementClient): Promise<void> {
  const of = async (path: string) =>
    (await client.get(path)).json as { name: string; vhost: string; component: string; pattern: string }[];
  for (const { name } of await of('/vhosts')) {
    if (name !== '/') await client.delete(`/vhosts/${encode(name)}`);
  }
  for (const { name } of await of('/users')) {
    if (name !== 'guest' && name !== 'root') await client.delete(`/users/${encode(name)}`);
  }
  for (const { name } of await of('/queues')) await client.delete(`/queues/%2F/${encode(name)}`);
  for (const { name } of await of('/exchanges')) {
    if (name !== '' && !name.startsWith('amq.')) await client.delete(`/exchanges/%2F/${encode(name)}`);
  }
  for (const kind of ['policies', 'operator-policies']) {
    for (const { name } of await of(`/${kind}`)) await client.delete(`/${kind}/%2F/${encode(name)}`);
  }
  for (const { name } of await of('/global-parameters')) {
    await client.delete(`/global-parameters/${encode(name)}`);
  }
}

test(
  'no request is answered with a fault of the broker, nor ends it',
  async () => {
    const { broker, client } = await startManagedBroker();
    await client.put('/queues/%2F/q', { arguments: { 'x-max-length': 10 } });
    await client.put('/users/root', { password: 'p', tags: 'administrator' });
    await client.put('/permissions/%2F/root', { configure: '.*', write: '.*', read: '.*' });
    const root = client.as('root', 'p');
    const before = heapUsed();
    let [requests, slowestMs, slowest] = [0, 0, ''];
    await fc.assert(
      fc.asyncProperty(method, path, query, body, type, async (verb, where, asked, text, contentType) => {
        // Whoever is deleted or given another password asks no more.
        fc.pre(!(verb !== 'GET' && /users|permissions/.test(where) && /root/.test(where + text)));
        fc.pre(!(verb === 'DELETE' && /^\/vhosts\/%2F\/?$/i.test(where)));
        const started = performance.now();
        const headers = contentType === '' ? {} : { 'content-type': contentType };
        const target = `${where}${asked === '' ? '' : `?${asked}`}`;
        const answer = await root.send(verb, target, verb === 'GET' ? {} : { text, headers });
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect([500, 502, 504]).not.toContain(answer.status);
        const tookMs = performance.now() - started;
        expect(tookMs).toBeLessThan(ANSWERED_MS);
        requests++;
        if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, `${verb} ${target}`];
      }),
      { numRuns: runs, ...(isLong && { interruptAfterTimeLimit: timeMsMax }) },
    );
    const grown = heapUsed() - before;
    await deleteWhatWasMade(root);
    const left = heapUsed() - before;
    if (isLong) console.info({ requests, slowestMs, slowest, heapGrown: grown, heapLeftAfterDeletion: left });
    expect((await root.get('/whoami')).status).toBe(200);
    const channel = await broker.connect().openChannel();
    await channel.declareQueue('after');
  },
  timeMsMax + 60_000,
);
