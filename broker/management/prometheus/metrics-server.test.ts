import { once } from 'node:events';
import { request } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import { type ChannelModel, connect } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseExposed, sampleOf } from '../../../test/interop/prometheus/exposed.js';
import { until } from '../../../test/until.js';
import { Broker } from '../../broker.js';

let broker: Broker;
let url: string;
let connection: ChannelModel;

beforeEach(async () => {
  broker = await Broker.start({ port: 0, management: { port: 0, metrics: { port: 0 } } });
  url = `http://127.0.0.1:${broker.metricsPort}`;
  connection = await connect(broker.url);
});

afterEach(async () => {
  await connection.close();
  await broker.stop();
});

async function scraped(path: string): Promise<ReturnType<typeof parseExposed>> {
  return parseExposed(await (await fetch(url + path)).text());
}

test.each([
  ['GET', '/metrics', 200],
  ['GET', '/metrics/', 200],
  ['GET', '/metrics/default', 200],
  ['GET', '/metrics/per-object', 200],
  ['GET', '/metrics/detailed', 200],
  ['GET', '/metrics/memory-breakdown', 200],
  ['GET', '/metrics/nowhere', 404],
  ['GET', '/', 404],
  ['HEAD', '/metrics', 204],
  ['POST', '/metrics', 405],
])('%s %s is answered with %i, as RabbitMQ does', async (method, path, status) => {
  const response = await fetch(url + path, { method });
  await response.arrayBuffer();
  expect(response.status).toBe(status);
});

test.each([
  ['GET', '/metrics/per-object', 200],
  ['GET', '/metrics/nowhere', 404],
  ['HEAD', '/metrics', 204],
  ['POST', '/metrics', 405],
])(
  '%s %s is answered with %i by the management interface too, without a log-in',
  async (method, path, status) => {
    const response = await fetch(`http://127.0.0.1:${broker.managementPort}${path}`, { method });
    await response.arrayBuffer();
    expect(response.status).toBe(status);
  },
);

test('a port for metrics that is taken lets the broker not start', async () => {
  const port = broker.metricsPort as number;
  const starting = Broker.start({ port: 0, management: { port: 0, metrics: { port } } });
  await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('an endpoint that is not there is named so', async () => {
  expect(await (await fetch(`${url}/metrics/nowhere`)).text()).toBe('Unknown Registry');
});

test('whoever takes neither format gets 406', async () => {
  const response = await fetch(`${url}/metrics`, { headers: { accept: 'application/json' } });
  expect(response.status).toBe(406);
  expect(await response.text()).toBe('');
});

test('OpenMetrics comes to who asks for it', async () => {
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const response = await fetch(`${url}/metrics`, { headers: { accept } });
  expect(response.headers.get('content-type')).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  );
  const text = await response.text();
  expect(text).toContain('# TYPE rabbitmq_connections_opened counter\n');
  expect(text).toContain('\nrabbitmq_connections_opened_total 1\n');
  expect(text.endsWith('\n# EOF\n')).toBe(true);
});

test('text comes as gzip to who takes that', async () => {
  const asked = request(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } }).end();
  const [response] = await once(asked, 'response');
  expect(response.headers['content-encoding']).toBe('gzip');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  expect(gunzipSync(Buffer.concat(chunks)).toString()).toContain('\nrabbitmq_connections 1\n');
});

test('a queue may be called anything', async () => {
  const channel = await connection.createChannel();
  const names = ['a"b', 'a\\b', 'a\nb', 'ä{}=,', ' '];
  for (const name of names) await channel.assertQueue(name);
  const metrics = await scraped('/metrics/per-object');
  const queues = metrics.get('rabbitmq_queue_messages_ready')?.samples.map(({ labels }) => labels['queue']);
  expect(queues).toEqual(['a\\"b', 'a\\\\b', 'a\\nb', 'ä{}=,', ' ']);
});

test('only the families that are asked for are exposed, and one that is a part of another only once', async () => {
  const channel = await connection.createChannel();
  await channel.assertQueue('orders');
  expect([...(await scraped('/metrics/detailed')).keys()]).toEqual([
    'rabbitmq_build_info',
    'rabbitmq_identity_info',
    'telemetry_scrape_duration_seconds',
    'telemetry_scrape_size_bytes',
    'telemetry_scrape_encoded_size_bytes',
  ]);
  const count = [...(await scraped('/metrics/detailed?family=queue_consumer_count&family=nonsense')).keys()];
  expect(count.slice(0, 2)).toEqual(['rabbitmq_detailed_queue_consumers', 'rabbitmq_detailed_queue_info']);
  const both = await scraped('/metrics/detailed?family=queue_consumer_count&family=queue_metrics');
  expect(sampleOf(both, 'rabbitmq_detailed_queue_consumers', { queue: 'orders' })).toBe(0);
});

test('a virtual host that is not asked for, or not there, has no series', async () => {
  const channel = await connection.createChannel();
  await channel.assertQueue('orders');
  const samples = async (query: string): Promise<number | undefined> =>
    (await scraped(`/metrics/detailed?family=queue_coarse_metrics${query}`)).get(
      'rabbitmq_detailed_queue_messages',
    )?.samples.length;
  expect(await samples('')).toBe(1);
  expect(await samples('&vhost=%2F')).toBe(1);
  expect(await samples('&vhost=elsewhere')).toBe(0);
  expect(await samples('&vhost=elsewhere&vhost=%2F')).toBe(1);
});

test('what is counted stays counted when queue, channel and connection are gone', async () => {
  const other = await connect(broker.url);
  const channel = await other.createConfirmChannel();
  await channel.assertQueue('orders');
  channel.sendToQueue('orders', Buffer.from('order'));
  await channel.waitForConfirms();
  await channel.get('orders', { noAck: true });
  await channel.deleteQueue('orders');
  await other.close();
  const metrics = await until('the connection is gone', async () => {
    const now = await scraped('/metrics');
    return sampleOf(now, 'rabbitmq_connections_closed_total') === 1 ? now : undefined;
  });
  expect(sampleOf(metrics, 'rabbitmq_channel_messages_published_total')).toBe(1);
  expect(sampleOf(metrics, 'rabbitmq_channel_messages_confirmed_total')).toBe(1);
  expect(sampleOf(metrics, 'rabbitmq_channel_get_total')).toBe(1);
  expect(sampleOf(metrics, 'rabbitmq_queues')).toBe(0);
  expect(sampleOf(metrics, 'rabbitmq_message_size_bytes', { le: '100' })).toBe(1);
});

test('an alarm shows while it is set', async () => {
  await broker.stop();
  broker = await Broker.start({ port: 0, management: { port: 0, metrics: { port: 0 } }, memoryBytesMax: 1 });
  url = `http://127.0.0.1:${broker.metricsPort}`;
  connection = await connect(broker.url);
  const metrics = await scraped('/metrics');
  expect(sampleOf(metrics, 'rabbitmq_alarms_memory_used_watermark')).toBe(1);
  expect(sampleOf(metrics, 'rabbitmq_alarms_free_disk_space_watermark')).toBe(0);
  expect(sampleOf(metrics, 'rabbitmq_resident_memory_limit_bytes')).toBe(1);
});

test('a client that goes away in the middle of a scrape takes no place', { timeout: 60_000 }, async () => {
  const channel = await connection.createChannel();
  for (let index = 0; index < 2000; index++) await channel.assertQueue(`queue.${index}`);
  for (let index = 0; index < 20; index++) {
    const asked = request(`${url}/metrics/per-object`).end();
    const [response] = await once(asked, 'response');
    response.destroy();
  }
  await until('there is room for a scrape', async () =>
    (await fetch(`${url}/metrics`)).ok ? true : undefined,
  );
});

test('more scrapes at once than there is room for are refused', { timeout: 60_000 }, async () => {
  const channel = await connection.createChannel();
  for (let index = 0; index < 2000; index++) await channel.assertQueue(`queue.${index}`);
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const response = await fetch(`${url}/metrics/per-object`);
      await response.arrayBuffer();
      return response.status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([200, 503]));
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
});

test('a scrape of many queues leaves the event loop to others', { timeout: 120_000 }, async () => {
  const channel = await connection.createChannel();
  for (let index = 0; index < 5000; index++) await channel.assertQueue(`queue.${index}`);
  await scraped('/metrics/per-object');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const response = await fetch(`${url}/metrics/per-object`);
  let bytes = 0;
  for await (const chunk of response.body as ReadableStream<Uint8Array>) bytes += chunk.length;
  delay.disable();
  expect(bytes).toBeGreaterThan(5_000_000);
  // A slice is 2 ms; that of this process, which reads it all too, takes some more.
  expect(delay.percentile(90) / 1e6).toBeLessThan(20);
});
