/**
 * What a collector can be told, and what it does unless told otherwise.
 */
import type { Logger } from 'pino';
import { PIPELINE, type Topology } from './topology.js';

export interface CollectorOptions {
  /** `amqp://` or `amqps://`. */
  brokerUrl: string;
  /** One node of Elasticsearch or of anything that speaks its API, or several of one cluster. */
  elasticsearchUrl: string | string[];
  /** An API key; user and password go into the URL. */
  elasticsearchApiKey?: string;
  /** The last word of `logs-<service>-<environment>` for a record that names none. Default `default`. */
  environment?: string;
  /** Names of exchanges and queues, where they are not Warren's own. */
  topology?: Partial<Topology>;
  /**
   * Deliveries held at a time: it bounds the collector's memory, and what is handed out again after a
   * crash. Default: enough to fill the bulks in flight and one more.
   */
  prefetch?: number;
  /** Documents in a bulk. Default 1,000. */
  batchCountMax?: number;
  /** Bytes of documents in a bulk; a larger document goes alone. Default 5 MiB. */
  batchBytesMax?: number;
  /** The oldest document of a batch waits no longer for company. Default 500. */
  batchAgeMsMax?: number;
  /** Bulks under way at a time. Default 2. */
  bulksInFlightMax?: number;
  /** A bulk without an answer is given up and retried. Default 60,000. */
  bulkTimeoutMs?: number;
  /** The first wait after a failure of the store or the broker. Default 250. */
  retryDelayMsMin?: number;
  /** The longest wait after a failure. Default 30,000. */
  retryDelayMsMax?: number;
  /** How often a document is tried that the store fails on (5xx), before it is dead-lettered. Default 5. */
  attemptsMax?: number;
  /** How long `stop()` waits for what is in flight. Default 8,000. */
  drainMsMax?: number;
  log?: Logger;
}

/** The options with every default filled in. */
export type CollectorSettings = Required<
  Omit<CollectorOptions, 'log' | 'elasticsearchApiKey' | 'topology'>
> & {
  topology: Topology;
};

/** `basic.qos` has 16 bits for it. */
const PREFETCH_MAX = 65_535;

/** Fills in the defaults. */
export function settingsOf(options: CollectorOptions): CollectorSettings {
  const batchCountMax = options.batchCountMax ?? 1000;
  const bulksInFlightMax = options.bulksInFlightMax ?? 2;
  return {
    brokerUrl: options.brokerUrl,
    elasticsearchUrl: options.elasticsearchUrl,
    environment: options.environment ?? 'default',
    topology: { ...PIPELINE, ...options.topology },
    prefetch: Math.min(options.prefetch ?? batchCountMax * (bulksInFlightMax + 1), PREFETCH_MAX),
    batchCountMax,
    batchBytesMax: options.batchBytesMax ?? 5 * 1024 * 1024,
    batchAgeMsMax: options.batchAgeMsMax ?? 500,
    bulksInFlightMax,
    bulkTimeoutMs: options.bulkTimeoutMs ?? 60_000,
    retryDelayMsMin: options.retryDelayMsMin ?? 250,
    retryDelayMsMax: options.retryDelayMsMax ?? 30_000,
    attemptsMax: options.attemptsMax ?? 5,
    drainMsMax: options.drainMsMax ?? 8000,
  };
}
