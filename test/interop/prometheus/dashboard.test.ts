// Debian's Prometheus scrapes a broker under traffic, and evaluates every expression of Grafana's dashboard
// 10991: each gives a series, whose value is what the traffic was.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../../broker/broker.js';
import { until } from '../../until.js';
import { describeWith } from '../requirement.js';
import { DASHBOARD, EARLIER_DASHBOARD, VARIABLES } from './dashboard-10991.js';
import { EARLIER_EXPECTED, EXPECTED, type Expectation, UNANSWERED } from './dashboard-values.js';
import { missingPrometheus, Prometheus } from './prometheus.js';
import { ROUND, STANDING, Traffic } from './traffic.js';

const TRAFFIC_MS = 4000;
/** What Grafana puts in place of its variables. */
const RANGE = '5m';
const RATE_INTERVAL = '15s';
const GRAPH_S = 60;

describeWith(missingPrometheus(), 'Prometheus and dashboard 10991', () => {
  let broker: Broker;
  let directory: string;
  let prometheus: Prometheus;
  let traffic: Traffic;
  const variables: Record<string, string> = { namespace: '' };

  const substitute = (expression: string): string =>
    expression
      .replaceAll('$__range', RANGE)
      .replaceAll('$__rate_interval', RATE_INTERVAL)
      .replaceAll(/\$([a-z_]+)/g, (_, name: string) => variables[name] ?? `$${name}`);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'warren-metrics-'));
    broker = await Broker.start({
      port: 0,
      dataDirectory: directory,
      management: { port: 0, metrics: { port: 0 } },
    });
    const port = broker.metricsPort as number;
    traffic = await Traffic.start(broker.url);
    prometheus = await Prometheus.start({ rabbitmq: { port, path: '/metrics' } });
    // A rate counts from the first scrape on.
    await until('Prometheus has scraped', async () =>
      (await prometheus.query('up == 1')).length > 0 ? true : undefined,
    );
    await traffic.run(TRAFFIC_MS);
    const received = STANDING.ready + STANDING.unacked + traffic.rounds * ROUND.received;
    // A scrape of before may have seen the last message, and not what was done after it.
    const endedAt = Date.now() / 1000;
    const counter = 'rabbitmq_global_messages_received_total';
    await until(
      'Prometheus has scraped all of it',
      async () =>
        (await prometheus.query(`${counter} == ${received} and timestamp(${counter}) > ${endedAt}`))[0],
    );
    for (const { label, series } of VARIABLES) {
      const values = await prometheus.labelValues(label, substitute(series));
      variables[label === 'rabbitmq_endpoint' ? 'endpoint' : label] = values[0] as string;
    }
  });

  afterAll(async () => {
    await traffic?.stop();
    await prometheus?.stop();
    await broker?.stop();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  test('the variables of the dashboard are filled', () => {
    expect(variables).toEqual({
      namespace: '',
      rabbitmq_cluster: 'warren@localhost',
      endpoint: 'aggregated',
    });
  });

  test.each(Object.keys(DASHBOARD))('%s', async (title) => {
    await check(title, substitute(DASHBOARD[title] as string), EXPECTED[title] as Expectation);
  });

  const answered = Object.keys(EARLIER_DASHBOARD).filter((title) => UNANSWERED[title] === undefined);
  test.each(answered)('%s, as earlier revisions ask', async (title) => {
    await check(
      title,
      substitute(EARLIER_DASHBOARD[title] as string),
      EARLIER_EXPECTED[title] as Expectation,
    );
  });

  test.each(Object.entries(UNANSWERED))('%s gives no series: %s', async (title) => {
    expect(await prometheus.query(substitute(EARLIER_DASHBOARD[title] as string))).toEqual([]);
  });

  test('what is expected is of panels that there are', () => {
    const titles = new Set([...Object.keys(DASHBOARD), ...Object.keys(EARLIER_DASHBOARD)]);
    expect(Object.keys(EARLIER_EXPECTED).filter((title) => !titles.has(title))).toEqual([]);
    const unexpected = (title: string): boolean => EARLIER_EXPECTED[title] === undefined;
    expect(Object.keys(DASHBOARD).filter(unexpected)).toEqual([]);
    expect(Object.keys(EARLIER_DASHBOARD).filter(unexpected)).toEqual(Object.keys(UNANSWERED));
  });

  async function check(title: string, expression: string, expected: Expectation): Promise<void> {
    // An irate is over once the traffic is: a graph still shows it.
    const series = expression.includes('irate(')
      ? await prometheus.queryRange(expression, GRAPH_S)
      : await prometheus.query(expression);
    expect(series, title).toHaveLength(1);
    const value = series[0]?.value as number;
    expect(value, title).not.toBeNaN();
    if (expected.exactly !== undefined) expect(value, title).toBeCloseTo(expected.exactly, 6);
    if (expected.about !== undefined) {
      expect(Math.abs(value - expected.about), title).toBeLessThanOrEqual(expected.about / 10);
    }
    if (expected.perRound !== undefined) {
      // Of 60 s, which it is the rate of, the traffic took a few; what is not seen Prometheus extrapolates.
      const rate = (expected.perRound * traffic.rounds) / 60;
      expect(value, title).toBeGreaterThan(rate / 2);
      expect(value, title).toBeLessThan(rate * 2);
    }
    if (expected.atMostPerRound !== undefined) {
      expect(Math.abs(value), title).toBeLessThan((expected.atMostPerRound * traffic.rounds) / 60);
    }
    if (expected.atLeast !== undefined) expect(value, title).toBeGreaterThanOrEqual(expected.atLeast);
    for (const label of expected.labels ?? []) expect(series[0]?.metric[label], title).toBeTruthy();
  }
});
