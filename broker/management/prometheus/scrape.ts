/**
 * A scrape: which families an endpoint has, written in slices of the event loop's time. However many
 * queues there are, the broker is never held up for longer than a slice.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { VirtualHost } from '../../routing/virtual-host.js';
import * as channels from './channel-families.js';
import * as connections from './connection-families.js';
import * as exchanges from './exchange-families.js';
import { Exposition, type ExpositionFormat } from './exposition.js';
import type { Family, Scope, Steps } from './family.js';
import * as globals from './global-families.js';
import { writeMemory } from './memory-breakdown.js';
import * as node from './node-families.js';
import { writeProcess } from './process-metrics.js';
import * as queues from './queue-families.js';
import { type MeteredBroker, type Readings, readProcess } from './readings.js';
import type { Telemetry } from './telemetry.js';
import { writeAlarms, writeIdentity, writeTotals } from './totals.js';

export const ENDPOINTS = ['aggregated', 'per-object', 'detailed', 'memory-breakdown'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** What is scraped. */
export interface Scraped {
  readonly broker: MeteredBroker;
  readonly endpoint: Endpoint;
  readonly telemetry: Telemetry;
}

/** What of /metrics/detailed is wanted. */
export interface Selection {
  readonly families: readonly string[];
  /** undefined for all. */
  readonly virtualHosts: readonly string[] | undefined;
}

const EVERYTHING: Selection = { families: [], virtualHosts: undefined };

const FAMILIES: readonly Family<Readings>[] = [
  node.churn,
  node.resourcesUsed,
  node.resourceLimits,
  node.authAttempts,
  queues.queueCoarse,
  queues.queueConsumerCount,
  queues.queueDetails,
  channels.channelDetails,
  channels.channelExchange,
  channels.channelQueue,
  connections.connectionBytes,
  connections.connectionDetails,
  queues.channelQueueExchange,
  exchanges.exchangeCounts,
  queues.queueDelivery,
  queues.queueExchange,
];
/** Of /metrics/detailed alone, under a prefix of their own. */
const CLUSTER_FAMILIES: readonly Family<Readings>[] = [
  exchanges.virtualHostStatus,
  exchanges.exchangeBindings,
  exchanges.exchangeNames,
];
const GLOBAL_FAMILIES = [
  globals.globalPublished,
  globals.globalDelivered,
  globals.globalLetters,
  globals.globalSizes,
];
/** With one of these, /metrics/detailed says of what kind each queue is. */
const WITH_QUEUE_INFO = [queues.queueCoarse, queues.queueConsumerCount, queues.queueDetails].map(
  ({ name }) => name,
);

const PREFIX = 'rabbitmq_';
const DETAILED = 'rabbitmq_detailed_';
const CLUSTER = 'rabbitmq_cluster_';

/** The time of the event loop that a scrape takes at once. */
const SLICE_MS = 2;
/** How much text is put together before it is handed on. */
const CHUNK_CHARACTERS = 65_536;

/** One scrape of a broker: its text, piece by piece. */
export async function* scrape(
  { broker, endpoint, telemetry }: Scraped,
  format: ExpositionFormat,
  selection: Selection = EVERYTHING,
): AsyncGenerator<string, void> {
  const exposition = new Exposition(format);
  const readings: Readings = {
    broker,
    endpoint,
    virtualHosts: wanted(broker.host.virtualHosts, selection.virtualHosts),
    connections: broker.host.connections,
    // At once, however many queues there are: of one that is deleted meanwhile a total would fall.
    counters: broker.host.virtualHosts.counters,
    process: await readProcess(),
  };
  yield* inSlices(stepsOf(endpoint, readings, exposition, selection.families), exposition);
  if (endpoint === 'aggregated' || endpoint === 'per-object')
    await writeProcess(exposition, readings.process.openFiles);
  telemetry.write(exposition);
  exposition.end();
  yield exposition.take();
}

async function* inSlices(steps: Steps, exposition: Exposition): AsyncGenerator<string, void> {
  let sliceEnds = performance.now() + SLICE_MS;
  while (steps.next().done !== true) {
    if (exposition.length >= CHUNK_CHARACTERS) yield exposition.take();
    if (performance.now() < sliceEnds) continue;
    await nextTurn();
    sliceEnds = performance.now() + SLICE_MS;
  }
}

function stepsOf(
  endpoint: Endpoint,
  source: Readings,
  exposition: Exposition,
  families: readonly string[],
): Steps {
  const scope = { source, exposition, prefix: PREFIX };
  switch (endpoint) {
    case 'aggregated':
      return aggregated(scope);
    case 'per-object':
      return perObject(scope);
    case 'detailed':
      return detailed({ source, exposition, prefix: DETAILED }, new Set(families));
    case 'memory-breakdown':
      return memoryBreakdown(scope);
  }
}

function* aggregated(scope: Scope<Readings>): Steps {
  for (const { name, sum } of FAMILIES) if (name !== queues.queueConsumerCount.name) yield* sum(scope);
  yield* whole(scope);
}

function* perObject(scope: Scope<Readings>): Steps {
  for (const { name, each } of FAMILIES) if (name !== queues.queueConsumerCount.name) yield* each(scope);
  yield* queues.queueInfo.each(scope);
  yield* whole(scope);
}

/** What has no objects, and is at both endpoints. */
function* whole(scope: Scope<Readings>): Steps {
  writeAlarms(scope);
  yield* writeTotals(scope);
  for (const { each } of GLOBAL_FAMILIES) yield* each(scope);
  writeIdentity(scope.exposition, scope.source);
}

function* detailed(scope: Scope<Readings>, families: ReadonlySet<string>): Steps {
  for (const { name, each } of FAMILIES) {
    // It is a part of the other.
    if (name === queues.queueConsumerCount.name && families.has(queues.queueDetails.name)) continue;
    if (families.has(name)) yield* each(scope);
  }
  const cluster = { ...scope, prefix: CLUSTER };
  for (const { name, each } of CLUSTER_FAMILIES) if (families.has(name)) yield* each(cluster);
  if (WITH_QUEUE_INFO.some((name) => families.has(name))) yield* queues.queueInfo.each(scope);
  writeIdentity(scope.exposition, scope.source);
}

function* memoryBreakdown(scope: Scope<Readings>): Steps {
  writeMemory(scope);
  writeIdentity(scope.exposition, scope.source);
  yield;
}

function wanted(all: Iterable<VirtualHost>, names: readonly string[] | undefined): Iterable<VirtualHost> {
  return names === undefined ? all : [...all].filter(({ name }) => names.includes(name));
}
