/**
 * Puts records that the index will never take among the dead letters, confirmed. Has a connection of
 * its own: a broker short of memory or disk stops reading from connections that publish, and the
 * acks of the records that go through must not wait behind that.
 */
import type { ChannelModel, ConsumeMessage, MessagePropertyHeaders, Options } from 'amqplib';
import type { Logger } from 'pino';
import { type Backoff, backoffDelayMs } from '../backoff.js';
import type { Origin } from '../batch/item.js';
import { closeQuietly, connectToBroker } from '../source/broker-connection.js';
import { declareTopology, type Topology } from '../topology.js';
import { ConfirmedPublisher } from './confirmed-publisher.js';
import {
  ATTEMPTS_HEADER,
  type DeadLetterReason,
  ERROR_HEADER,
  EVENT_ID_HEADER,
  EXCHANGE_HEADER,
  EXPIRATION_HEADER,
  FAILED_AT_HEADER,
  INDEX_HEADER,
  REASON_HEADER,
  STATUS_HEADER,
  USER_ID_HEADER,
} from './headers.js';

/** Bytes of the error that are kept: headers share one frame, and a stack trace may be long. */
const ERROR_LENGTH_MAX = 2048;

/** Why and where a record failed. */
export interface Death {
  reason: DeadLetterReason;
  error: string;
  status: number;
  index: string;
  attempts: number;
  /** The document's id; kept in a header where the message itself bears none. */
  eventId: string | undefined;
}

export interface DeadLetterPublisherOptions {
  brokerUrl: string;
  topology: Topology;
  backoff: Backoff;
  log: Logger;
}

export class DeadLetterPublisher {
  readonly #options: DeadLetterPublisherOptions;
  #connection: ChannelModel | undefined;
  #publisher: ConfirmedPublisher | undefined;
  #opening: Promise<ConfirmedPublisher> | undefined;
  readonly #closed = new AbortController();
  #isTroubled = false;

  constructor(options: DeadLetterPublisherOptions) {
    this.#options = options;
  }

  /**
   * Publishes a record as a dead letter, again and again until a queue has it.
   *
   * @returns false when it was given up because the record's own channel is gone (the broker hands
   *   the record out again) or the publisher was closed
   */
  async publish(delivery: ConsumeMessage, origin: Origin, death: Death): Promise<boolean> {
    const options = letterProperties(delivery, death);
    for (let attempt = 1; !origin.isClosed && !this.#closed.signal.aborted; attempt += 1) {
      const error = await this.#tryOnce(delivery, options);
      if (error === undefined) return true;
      if (!this.#isTroubled) {
        this.#isTroubled = true;
        this.#options.log.warn({ error }, 'Cannot publish a dead letter; trying again, the record is kept');
      }
      await this.#wait(backoffDelayMs(this.#options.backoff, attempt));
    }
    return false;
  }

  /** Closes its connection. A letter under way is not lost: its original is not acked. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#opening?.catch(() => {});
    await closeQuietly(this.#connection);
  }

  async #tryOnce(delivery: ConsumeMessage, options: Options.Publish): Promise<string | undefined> {
    const { deadExchange } = this.#options.topology;
    try {
      const publisher = await this.#open();
      const outcome = await publisher.publish(
        deadExchange,
        delivery.fields.routingKey,
        delivery.content,
        options,
      );
      if (outcome === 'confirmed') {
        this.#isTroubled = false;
        return undefined;
      }
      // Somebody deleted the queue or its binding: a new connection declares them again.
      await closeQuietly(this.#connection);
      return `no queue is bound to the exchange "${deadExchange}"`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #open(): Promise<ConfirmedPublisher> {
    if (this.#publisher !== undefined && !this.#publisher.isClosed) return Promise.resolve(this.#publisher);
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<ConfirmedPublisher> {
    await closeQuietly(this.#connection);
    const { brokerUrl, topology } = this.#options;
    const connection = await connectToBroker(brokerUrl, 'warren collector, dead letters');
    this.#connection = connection;
    const declaring = await connection.createChannel();
    declaring.on('error', () => {});
    await declareTopology(declaring, topology);
    await declaring.close();
    this.#publisher = await ConfirmedPublisher.open(connection);
    return this.#publisher;
  }

  #wait(delayMs: number): Promise<void> {
    const { signal } = this.#closed;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal.addEventListener('abort', done);
    });
  }
}

/** The original's properties, and the headers that say what became of it. */
function letterProperties({ fields, properties }: ConsumeMessage, death: Death): Options.Publish {
  const headers: MessagePropertyHeaders = { ...properties.headers };
  headers[REASON_HEADER] = death.reason;
  headers[ERROR_HEADER] = death.error.slice(0, ERROR_LENGTH_MAX);
  headers[STATUS_HEADER] = death.status;
  headers[INDEX_HEADER] = death.index;
  headers[FAILED_AT_HEADER] = new Date().toISOString();
  headers[ATTEMPTS_HEADER] = death.attempts;
  headers[EXCHANGE_HEADER] = fields.exchange;
  const { expiration, userId, messageId, clusterId: _, ...kept } = properties;
  if (expiration !== undefined) headers[EXPIRATION_HEADER] = String(expiration);
  if (userId !== undefined) headers[USER_ID_HEADER] = userId;
  if (death.eventId !== undefined && (messageId === undefined || messageId === '')) {
    headers[EVENT_ID_HEADER] = death.eventId;
  }
  // A letter outlives a restart of the broker, whatever its original was meant to do.
  return { ...kept, messageId, headers, deliveryMode: 2 };
}
