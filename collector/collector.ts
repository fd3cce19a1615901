/**
 * The collector: queue → normalise → batch → index, with an ack last of all; what the index will never
 * take → dead letters. Composition root: wires the parts together, starts and stops them.
 */
import type { Client } from '@elastic/elasticsearch';
import type { ConsumeMessage } from 'amqplib';
import { type Logger, pino } from 'pino';
import type { Backoff } from './backoff.js';
import { backoffDelayMs } from './backoff.js';
import { Batcher } from './batch/batcher.js';
import type { Item, Origin } from './batch/item.js';
import { DeadLetterPublisher } from './deadletter/publisher.js';
import { reasonOf } from './errors.js';
import { IndexSetup } from './index/index-setup.js';
import type { LogDocument } from './normalise/document.js';
import { normalise } from './normalise/normalise.js';
import { type CollectorOptions, type CollectorSettings, settingsOf } from './options.js';
import { type BulkAnswer, elasticsearchClient, sendBulk } from './sink/elasticsearch.js';
import { type Rejection, Shipper } from './sink/shipper.js';
import { Source } from './source/source.js';

export {
  type DeadLetter,
  type DeadLetterGroup,
  type DeadLetterInFull,
  type DeadLetterList,
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type Death,
  type ReplayOptions,
  type ReplayProgress,
  type ReplayResult,
  type Selection,
} from './deadletter/dead-letter-queue.js';
export type { CollectorOptions } from './options.js';

/** What a collector is doing; a snapshot. */
export interface CollectorStatus {
  broker: 'connected' | 'reconnecting';
  /** `waiting`: the index is away or takes nothing; consumption pauses. */
  index: 'available' | 'waiting';
  /** Deliveries held, bounded by the prefetch. */
  held: number;
  /** Documents in the index, by this collector since it was started. */
  delivered: number;
  /** Records that became dead letters. */
  rejected: number;
  /** Attempts after which a document was left to be sent again. */
  retried: number;
  /** `_bulk` requests sent. */
  bulks: number;
}

/** How long a start waits for the first word of the index before it goes on without. */
const FIRST_ANSWER_MS = 3000;

/** How long a stop waits for the broker's word on the end of consumption. */
const CANCEL_MS = 1000;

export class Collector {
  readonly #settings: CollectorSettings;
  readonly #log: Logger;
  readonly #backoff: Backoff;
  readonly #client: Client;
  readonly #setup: IndexSetup;
  readonly #deadLetters: DeadLetterPublisher;
  readonly #batcher: Batcher;
  readonly #shipper: Shipper;
  readonly #aborted = new AbortController();
  #source: Source | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #isIndexReady = false;
  #stopping: Promise<void> | undefined;

  private constructor(options: CollectorOptions) {
    this.#settings = settingsOf(options);
    const { elasticsearchUrl, brokerUrl, topology } = this.#settings;
    this.#log = options.log ?? pino({ level: 'silent' });
    this.#backoff = {
      delayMsMin: this.#settings.retryDelayMsMin,
      delayMsMax: this.#settings.retryDelayMsMax,
    };
    this.#client = elasticsearchClient({
      urls: typeof elasticsearchUrl === 'string' ? [elasticsearchUrl] : elasticsearchUrl,
      apiKey: options.elasticsearchApiKey,
      timeoutMs: this.#settings.bulkTimeoutMs,
    });
    this.#setup = new IndexSetup(this.#client, this.#settings.environment, this.#log);
    const shared = { backoff: this.#backoff, log: this.#log };
    this.#deadLetters = new DeadLetterPublisher({ ...shared, brokerUrl, topology });
    this.#shipper = new Shipper(
      { ...this.#settings, ...shared },
      {
        prepare: () => this.#setup.ensure(),
        forget: () => this.#setup.forget(),
        send: (items) => this.#send(items),
        reject: (item, rejection) => this.#reject(item, rejection),
      },
    );
    this.#batcher = new Batcher(this.#settings, (items) => this.#shipper.ship(items));
  }

  /**
   * Connects to the broker, declares the topology, and consumes as soon as the index answers. An
   * index that is away is no error: the collector waits for it.
   *
   * @throws {CollectorError} `ERR_WARREN_BROKER_UNREACHABLE`, `ERR_WARREN_BROKER_REFUSED`,
   *   `ERR_WARREN_TOPOLOGY` or `ERR_WARREN_INDEX_URL`
   */
  static async start(options: CollectorOptions): Promise<Collector> {
    const collector = new Collector(options);
    try {
      await collector.#start();
      return collector;
    } catch (error) {
      await collector.#client.close();
      throw error;
    }
  }

  /** What it is doing now. */
  get status(): CollectorStatus {
    return {
      broker: this.#source?.isConnected === true ? 'connected' : 'reconnecting',
      index: this.#isIndexReady && !this.#shipper.isPaused ? 'available' : 'waiting',
      held: this.#source?.unackedCount ?? 0,
      ...this.#shipper.counts,
    };
  }

  /**
   * Takes no more deliveries, waits a bounded time for what is in flight, acks what is settled, closes.
   * Whatever is not acked is the broker's again. Safe to call twice.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { brokerUrl, topology, prefetch } = this.#settings;
    this.#source = await Source.open(
      { brokerUrl, topology, prefetch },
      this.#backoff,
      (delivery, origin) => this.#take(delivery, origin),
      this.#log,
    );
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_ANSWER_MS);
    });
    await Promise.race([this.#awaitIndex(1), patience]);
    clearTimeout(timer);
  }

  /** Prepares the index and begins to consume, or comes back to it later. */
  async #awaitIndex(attempt: number): Promise<void> {
    try {
      await this.#setup.ensure();
    } catch (error) {
      if (this.#stopping !== undefined) return;
      if (attempt === 1) {
        this.#log.warn({ reason: reasonOf(error) }, 'The index does not answer; waiting for it');
      }
      const delayMs = backoffDelayMs(this.#backoff, attempt);
      this.#waiting = setTimeout(() => void this.#awaitIndex(attempt + 1), delayMs);
      return;
    }
    if (this.#stopping !== undefined) return;
    if (attempt > 1) this.#log.info('The index answers');
    this.#isIndexReady = true;
    await this.#source?.consume();
  }

  #take(delivery: ConsumeMessage, origin: Origin): void {
    // What arrives after the cancel is not acked, and so goes back to the queue.
    if (this.#stopping !== undefined) return;
    const { content, fields, properties } = delivery;
    const made = normalise({ content, properties, routingKey: fields.routingKey }, Date.now());
    if ('malformed' in made) {
      const item: Item = { delivery, origin, document: NO_DOCUMENT, attempts: 0 };
      this.#shipper.reject(item, { reason: 'malformed', status: 0, error: made.malformed });
      return;
    }
    this.#batcher.add({ delivery, origin, document: made, attempts: 0 });
  }

  async #send(items: readonly Item[]): Promise<BulkAnswer> {
    const addressed = items.map(({ document }) => ({ document, index: this.#setup.indexOf(document) }));
    const answer = await sendBulk(this.#client, addressed, this.#aborted.signal);
    if (answer.isAnswered) this.#setup.seen();
    return answer;
  }

  async #reject(item: Item, rejection: Rejection): Promise<boolean> {
    const { delivery, origin, document, attempts } = item;
    const isSafe = await this.#deadLetters.publish(delivery, origin, {
      ...rejection,
      index: document === NO_DOCUMENT ? '' : this.#setup.indexOf(document),
      attempts,
      eventId: document === NO_DOCUMENT ? undefined : document.id,
    });
    if (isSafe) origin.settle(delivery.fields.deliveryTag);
    return isSafe;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#waiting);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CANCEL_MS);
    });
    await Promise.race([this.#source?.cancel(), patience]);
    clearTimeout(timer);
    this.#batcher.flush();
    await this.#shipper.drain(this.#settings.drainMsMax);
    this.#shipper.stop();
    this.#aborted.abort();
    await this.#source?.close();
    await this.#deadLetters.close();
    await this.#client.close();
  }
}

/** Stands for the document of a record that none could be made of. */
const NO_DOCUMENT: LogDocument = {
  id: '',
  service: '',
  environment: '',
  timestamp: '',
  source: Buffer.alloc(0),
};
