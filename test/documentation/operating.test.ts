// What docs/rabbitmq-compatibility.md says of operating the broker has to stay whole and true: a row for each
// endpoint, metric and key of policies, of RabbitMQ's and of what the broker really has.
//
// fixtures/rabbitmq-4-endpoints.txt is what RabbitMQ 3.10's own page of its API lists, with what version 4 and the
// plugins that come with it have besides.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import type { ManagedBroker } from '../../broker/management/managed-broker.js';
import { addPages } from '../../broker/management/pages.js';
import { addMetrics } from '../../broker/management/prometheus/routes.js';
import { allResources } from '../../broker/management/resources/all-resources.js';
import { POLICY_KEYS } from '../../broker/routing/policy-validation.js';
import { ABSENT, DIFFERENT, means } from '../interop/prometheus/absent.js';
import { parseExposed, scrapeText } from '../interop/prometheus/exposed.js';
import { codeOf, type Row, root, rows } from './compatibility-page.js';

const isTold = (row: Row): boolean => row.verdict !== 'absent';

function linesOf(path: string): string[] {
  return readFileSync(join(root, path), 'utf8').trimEnd().split('\n');
}

describe('endpoints', () => {
  /** `GET /api/queues/{}`, whatever a parameter is called. */
  const endpoint = (method: string, path: string): string =>
    `${method} ${path.replace(/\{[^}]*\}|:\w+/g, '{}').replace(/(?<=.)\/$/, '')}`;

  /** Those that a row names: `GET, PUT /api/…` is two. */
  function endpointsOf(row: Row): string[] {
    return codeOf(row).flatMap((code) => {
      const [, methods = '', path = ''] = /^([A-Z]+(?:, [A-Z]+)*) (\/\S*)$/.exec(code) ?? [];
      return methods === '' ? [] : methods.split(', ').map((method) => endpoint(method, path));
    });
  }

  const told = rows.filter(isTold).flatMap(endpointsOf);
  const saidAbsent = rows.filter((row) => !isTold(row)).flatMap(endpointsOf);

  function served(): string[] {
    const found = allResources().flatMap(({ path, operations }) =>
      Object.keys(operations).map((method) => endpoint(method, `/api${path}`)),
    );
    // Pages and metrics are no resources. Nothing is asked of them here but where they are.
    const server = fastify({ exposeHeadRoutes: false });
    server.addHook('onRoute', ({ method, url }) => {
      if (method === 'GET') found.push(endpoint('GET', url));
    });
    const nobody = undefined as unknown as ManagedBroker;
    addPages(server, nobody, []);
    addMetrics(server, nobody);
    return found;
  }

  test('each that is served has a row, and each row that does not say absent is served', () => {
    expect(served().filter((one) => !told.includes(one))).toEqual([]);
    expect(told.filter((one) => !served().includes(one))).toEqual([]);
  });

  test('each of RabbitMQ’s has a row, and what is said to be absent is', () => {
    const theirs = linesOf('test/documentation/fixtures/rabbitmq-4-endpoints.txt').flatMap((line) => {
      const [path = '', ...methods] = line.split(' ');
      return methods.map((method) => endpoint(method, path));
    });
    expect(theirs.length).toBeGreaterThan(150);
    expect(theirs.filter((one) => !told.includes(one) && !saidAbsent.includes(one))).toEqual([]);
    expect(saidAbsent.filter((one) => served().includes(one))).toEqual([]);
    expect(saidAbsent.filter((one) => !theirs.includes(one))).toEqual([]);
  });
});

describe('keys of policies', () => {
  const section = rows.filter((row) => row.section === 'Policies');
  const keysOf = (wanted: (row: Row) => boolean): string[] =>
    section
      .filter(wanted)
      .flatMap((row) => codeOf(row).filter((code) => /^[a-z]+(-[a-z]+)+$|^expires$|^overflow$/.test(code)));

  test('each has a row, which says whether it is an operator policy’s as well', () => {
    const wrong = [...POLICY_KEYS].filter(([name, { operator }]) => {
      const told = section.filter((row) => isTold(row) && codeOf(row).includes(name));
      return told.length !== 1 || told[0]?.what.includes(`\`${name}\` (operator too)`) !== operator;
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  test('each that is told is known, and what is said to be absent is not', () => {
    const absent = keysOf((row) => !isTold(row));
    expect(absent).toContain('ha-mode');
    expect(absent.filter((name) => POLICY_KEYS.has(name))).toEqual([]);
    const columns = keysOf((row) => isTold(row) && codeOf(row).some((code) => POLICY_KEYS.has(code)));
    expect(columns.filter((name) => !POLICY_KEYS.has(name))).toEqual([]);
  });
});

describe('metrics', () => {
  const section = rows.filter((row) => row.section === 'Prometheus metrics');
  /** By the names and patterns of the rows. */
  const metrics = new Map(
    section.flatMap((row) =>
      codeOf(row)
        .filter((code) => /^[a-z_*]+$/.test(code))
        .map((name) => [name, row] as const),
    ),
  );
  const rowOf = (name: string): Row | undefined => {
    const plain = name.replace(/^rabbitmq_detailed_/, 'rabbitmq_');
    return metrics.get(plain) ?? [...metrics].find(([pattern]) => means(pattern, plain))?.[1];
  };
  let broker: Broker;
  let exposed: Set<string>;

  beforeAll(async () => {
    broker = await Broker.start({ port: 0, management: { port: 0 } });
    const families = ['queue_coarse_metrics', 'vhost_status', 'exchange_bindings', 'exchange_names'];
    const detailed = `/metrics/detailed?${families.map((family) => `family=${family}`).join('&')}`;
    exposed = new Set();
    for (const path of ['/metrics', '/metrics/per-object', '/metrics/memory-breakdown', detailed]) {
      const scraped = parseExposed(await scrapeText(`http://127.0.0.1:${broker.managementPort}${path}`));
      for (const name of scraped.keys()) exposed.add(name.replace(/^rabbitmq_detailed_/, 'rabbitmq_'));
    }
  });

  afterAll(() => broker?.stop());

  test('each that is exposed has a row, and each row that does not say absent is exposed', () => {
    expect(exposed.size).toBeGreaterThan(100);
    const untold = [...exposed].filter((name) => {
      const row = rowOf(name);
      return row === undefined || !isTold(row);
    });
    expect(untold).toEqual([]);
    const told = [...metrics].filter(([, row]) => isTold(row)).map(([name]) => name);
    expect(told.filter((name) => ![...exposed].some((one) => means(name, one)))).toEqual([]);
    // Of the broker's own each is named: a pattern would hide what is not there any more.
    expect(told.filter((name) => name.includes('*'))).toEqual(['process_*', 'nodejs_*']);
  });

  test('each of RabbitMQ’s has a row, and what is said to be absent is what the other test says is', () => {
    const files = ['3.10-aggregated', '3.10-per-object', '3.10-detailed', '4-additions'];
    const theirs = files.flatMap((name) =>
      linesOf(`test/interop/fixtures/prometheus/rabbitmq-${name}.txt`).map(
        (line) => line.split(' ')[0] as string,
      ),
    );
    expect(theirs.length).toBeGreaterThan(500);
    expect(theirs.filter((name) => rowOf(name) === undefined)).toEqual([]);
    const absent = [...metrics].filter(([, row]) => !isTold(row)).map(([name]) => name);
    expect(absent.sort()).toEqual(Object.keys(ABSENT).sort());
    expect(Object.keys(DIFFERENT).filter((name) => metrics.get(name)?.verdict !== 'differs')).toEqual([]);
  });
});
