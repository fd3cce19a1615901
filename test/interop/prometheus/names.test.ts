// Names, types and labels of the metrics: every one of RabbitMQ's is there with the same, or it is written down
// why not. What is kept of RabbitMQ 3.10 is what one exports that is asked; what RabbitMQ 4 has besides is from
// its documentation.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../../broker/broker.js';
import { freePort } from '../../support/free-port.js';
import { until } from '../../until.js';
import { fixture } from '../program.js';
import { missingRabbitmq, type Rabbitmq, startRabbitmq } from '../rabbitmq.js';
import { describeWith } from '../requirement.js';
import { ABSENT, DIFFERENT, means } from './absent.js';
import { parseExposed, sampleOf, scrapeText, shapesOf } from './exposed.js';
import { type Job, missingPrometheus, PROMTOOL, Prometheus } from './prometheus.js';
import { STANDING, Traffic } from './traffic.js';

const FAMILIES = [
  'connection_churn_metrics',
  'node_coarse_metrics',
  'node_metrics',
  'node_persister_metrics',
  'ra_metrics',
  'auth_attempt_metrics',
  'auth_attempt_detailed_metrics',
  'queue_coarse_metrics',
  'queue_metrics',
  'channel_metrics',
  'channel_exchange_metrics',
  'channel_process_metrics',
  'channel_queue_metrics',
  'connection_coarse_metrics',
  'connection_metrics',
  'channel_queue_exchange_metrics',
  'vhost_status',
  'exchange_bindings',
  'exchange_names',
];
/** RabbitMQ 4's besides. */
const MORE_FAMILIES = ['exchange_metrics', 'queue_delivery_metrics', 'queue_exchange_metrics'];

const detailed = (families: readonly string[]): string =>
  `/metrics/detailed?${families.map((family) => `family=${family}`).join('&')}`;

const ENDPOINTS = {
  aggregated: '/metrics',
  'per-object': '/metrics/per-object',
  detailed: detailed(FAMILIES),
} as const;

type Endpoint = keyof typeof ENDPOINTS;
const NAMES = Object.keys(ENDPOINTS) as Endpoint[];

async function kept(name: string): Promise<string[]> {
  return (await readFile(fixture(`prometheus/${name}.txt`), 'utf8')).trimEnd().split('\n');
}

/** The shapes of an endpoint, as the files that are kept have them. */
async function shapes(url: string): Promise<Map<string, string>> {
  return shapesOf(parseExposed(await scrapeText(url)));
}

const nameOf = (shape: string): string => shape.slice(0, shape.indexOf(' '));
const absent = (name: string): string | undefined =>
  Object.keys(ABSENT).find((pattern) => means(pattern, name));

describe('names, types and labels of metrics', () => {
  let broker: Broker;
  let directory: string;
  let traffic: Traffic;
  let url: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'warren-metrics-'));
    broker = await Broker.start({
      port: 0,
      dataDirectory: directory,
      management: { port: 0, metrics: { port: 0 } },
    });
    url = `http://127.0.0.1:${broker.metricsPort}`;
    traffic = await Traffic.start(broker.url);
    await traffic.run(0.1);
    // What scrapes cost is told once there was one.
    for (const path of Object.values(ENDPOINTS)) await scrapeText(`${url}${path}`);
  });

  afterAll(async () => {
    await traffic?.stop();
    await broker?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function missing(wanted: readonly string[], found: ReadonlyMap<string, string>): Promise<string[]> {
    return wanted.filter((shape) => {
      const name = nameOf(shape);
      if (absent(name) !== undefined) return found.has(name);
      const different = DIFFERENT[name.replace(/^rabbitmq_detailed_/, 'rabbitmq_')];
      const labelled = shape.split(' ')[2] !== undefined;
      const expected =
        different !== undefined && labelled
          ? [...shape.split(' ').slice(0, 2), different.labels].join(' ')
          : shape;
      return !covers(found.get(name), expected);
    });
  }

  test.each(NAMES)("RabbitMQ 3.10's at %s are there, or it is said why not", async (endpoint) => {
    const found = await shapes(`${url}${ENDPOINTS[endpoint]}`);
    expect(await missing(await kept(`rabbitmq-3.10-${endpoint}`), found)).toEqual([]);
  });

  test('those that RabbitMQ 4 has besides are there, or it is said why not', async () => {
    const found = new Map([
      ...(await shapes(`${url}/metrics/memory-breakdown`)),
      ...(await shapes(`${url}${detailed([...FAMILIES, ...MORE_FAMILIES])}`)),
      ...(await shapes(`${url}/metrics/per-object`)),
    ]);
    expect(await missing(await kept('rabbitmq-4-additions'), found)).toEqual([]);
  });

  test('what is said to be absent is in RabbitMQ', async () => {
    const all = (
      await Promise.all([...NAMES.map((name) => `rabbitmq-3.10-${name}`), 'rabbitmq-4-additions'].map(kept))
    ).flat();
    const unknown = Object.keys(ABSENT).filter(
      (pattern) => !all.some((shape) => means(pattern, nameOf(shape))),
    );
    expect(unknown).toEqual([]);
  });

  test('no metric is there that RabbitMQ has not, but those of the process', async () => {
    const all = (
      await Promise.all([...NAMES.map((name) => `rabbitmq-3.10-${name}`), 'rabbitmq-4-additions'].map(kept))
    ).flat();
    const known = new Set(all.map((shape) => nameOf(shape)));
    for (const path of [...Object.values(ENDPOINTS), detailed(MORE_FAMILIES), '/metrics/memory-breakdown']) {
      const own = [...(await shapes(`${url}${path}`)).keys()].filter((name) => !known.has(name));
      expect(own.filter((name) => !/^(process|nodejs)_/.test(name))).toEqual([]);
    }
  });

  test('the aggregate is the sum of the objects', async () => {
    const aggregate = parseExposed(await scrapeText(`${url}/metrics`));
    const objects = parseExposed(await scrapeText(`${url}/metrics/per-object`));
    for (const name of [
      'rabbitmq_queue_messages_ready',
      'rabbitmq_queue_messages_bytes',
      'rabbitmq_channel_consumers',
    ]) {
      const sum = objects.get(name)?.samples.reduce((total, { value }) => total + value, 0);
      expect(sampleOf(aggregate, name), name).toBe(sum);
    }
    const waiting = { vhost: '/', queue: 'waiting' };
    expect(sampleOf(objects, 'rabbitmq_queue_messages_unacked', waiting)).toBe(STANDING.unacked);
    expect(sampleOf(objects, 'rabbitmq_queue_head_message_timestamp', waiting)).toBe(STANDING.timestamp);
  });

  const linted = [...Object.values(ENDPOINTS), detailed(MORE_FAMILIES), '/metrics/memory-breakdown'];
  describeWith(missingPrometheus(), 'promtool and Prometheus', () => {
    test('Prometheus scrapes each of the endpoints', async () => {
      const port = broker.metricsPort as number;
      const jobs = linted.map((path): [string, Job] => {
        const { pathname, searchParams } = new URL(path, url);
        const family = searchParams.getAll('family');
        return [path, { port, path: pathname, parameters: family.length > 0 ? { family } : {} }];
      });
      const prometheus = await Prometheus.start(Object.fromEntries(jobs));
      try {
        const targets = await until('all have been scraped', async () => {
          const now = await prometheus.targets();
          return now.length === jobs.length && now.every(({ health }) => health !== 'unknown')
            ? now
            : undefined;
        });
        expect(targets.filter(({ health }) => health !== 'up')).toEqual([]);
        const ready = 'rabbitmq_detailed_queue_messages_ready{queue="waiting"}';
        expect((await prometheus.query(ready)).map(({ value }) => value)).toEqual([STANDING.ready]);
      } finally {
        await prometheus.stop();
      }
    });

    test.each(linted)('promtool finds nothing wrong with %s', async (path) => {
      const text = await scrapeText(`${url}${path}`);
      const { status, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  });
});

/** Whether a metric is what is wanted of it: it may have more labels than RabbitMQ's had. */
function covers(found: string | undefined, wanted: string): boolean {
  if (found === undefined) return false;
  const [, foundType, foundLabels = ''] = found.split(' ');
  const [, type, labels = ''] = wanted.split(' ');
  if (foundType !== type) return false;
  const has = new Set(foundLabels.split(','));
  return labels === '' ? foundLabels === '' : labels.split(',').every((label) => has.has(label));
}

describeWith(missingRabbitmq(), 'RabbitMQ 3.10', () => {
  let rabbitmq: Rabbitmq;
  let port: number;
  let traffic: Traffic;

  beforeAll(async () => {
    port = await freePort();
    const configuration = [
      'prometheus.tcp.ip = 127.0.0.1',
      `prometheus.tcp.port = ${port}`,
      'collect_statistics_interval = 500',
    ];
    rabbitmq = await startRabbitmq({ plugins: ['rabbitmq_prometheus'], configuration });
    traffic = await Traffic.start(`amqp://guest:guest@127.0.0.1:${rabbitmq.port}`);
    await traffic.run(0.1);
  }, 90_000);

  afterAll(async () => {
    await traffic?.stop();
    await rabbitmq?.stop();
  });

  test.each(NAMES)('exports at %s what is kept of it', async (endpoint) => {
    const wanted = await kept(`rabbitmq-3.10-${endpoint}`);
    // Erlang's own differ by version and by what the machine is; none of them is compared.
    const ofBroker = (shape: string): boolean => shape.startsWith('rabbitmq_');
    // It takes RabbitMQ a moment to know what has been done.
    const found = await until('RabbitMQ has looked at itself', async () => {
      const now = await shapes(`http://127.0.0.1:${port}${ENDPOINTS[endpoint]}`);
      const all = [...now.values()].filter(ofBroker).sort();
      return wanted.filter(ofBroker).every((shape) => all.includes(shape)) ? all : undefined;
    });
    expect(found).toEqual(wanted.filter(ofBroker));
  });
});
