// The broker's workloads: the shapes of RabbitMQ's own load tool's usual runs.
import type { Topology } from './contestant.js';
import type { LoadPlan } from './load-plan.js';

export interface Workload extends Topology {
  readonly name: string;
  readonly plan: Omit<LoadPlan, 'host' | 'port' | 'user' | 'password' | 'queues'>;
}

const base = {
  publishers: 1,
  exchange: '',
  routingKey: '',
  bodyBytes: 512,
  persistent: false,
  confirmWindow: 0,
  ratePerSecond: 0,
  publishedMax: 0,
  consumers: 1,
  prefetch: 0,
  ackEvery: 100,
  copies: 1,
  inFlightMax: 20_000,
};

export const workloads: readonly Workload[] = [
  {
    name: 'A transient, automatic acks, 512 bytes',
    queues: ['warren.bench.a'],
    durable: false,
    plan: { ...base, routingKey: 'warren.bench.a' },
  },
  {
    name: 'B persistent, confirms, acks, 1 KiB',
    queues: ['warren.bench.b'],
    durable: true,
    plan: {
      ...base,
      publishers: 2,
      consumers: 2,
      routingKey: 'warren.bench.b',
      bodyBytes: 1024,
      persistent: true,
      confirmWindow: 1000,
      prefetch: 1000,
    },
  },
  {
    name: 'C topic, persistent, confirms, 512 bytes',
    queues: ['warren.bench.c'],
    durable: true,
    exchange: { name: 'warren.bench.logs', type: 'topic', bindingKey: 'app.#' },
    plan: {
      ...base,
      publishers: 4,
      consumers: 2,
      exchange: 'warren.bench.logs',
      routingKey: 'app.order.error',
      persistent: true,
      confirmWindow: 500,
      prefetch: 1000,
    },
  },
  {
    name: 'D fanout to 5, automatic acks, 512 bytes',
    queues: [1, 2, 3, 4, 5].map((number) => `warren.bench.d${number}`),
    durable: false,
    exchange: { name: 'warren.bench.fan', type: 'fanout', bindingKey: '' },
    plan: { ...base, consumers: 5, exchange: 'warren.bench.fan', copies: 5, inFlightMax: 50_000 },
  },
  {
    name: 'E persistent, confirms, 2,000/s, 512 bytes',
    queues: ['warren.bench.e'],
    durable: true,
    plan: {
      ...base,
      routingKey: 'warren.bench.e',
      persistent: true,
      confirmWindow: 1000,
      ratePerSecond: 2000,
      prefetch: 1000,
      ackEvery: 1,
    },
  },
];
