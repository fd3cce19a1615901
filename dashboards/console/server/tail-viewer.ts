/**
 * One viewer of the live tail: an exclusive queue on the one side, a stream of Server-Sent Events on the
 * other.
 *
 * A slow viewer never holds the pipeline: it acks only what its socket has taken, so that its prefetch
 * runs out, its queue fills to its length and drops its oldest. Nothing is kept here beyond one batch.
 */
import type { Writable } from 'node:stream';
import type { Channel, ConsumeMessage } from 'amqplib';
import { LOGS_EXCHANGE } from '../../../agents/record.js';
import { tailRecord } from './tail-record.js';

/** Messages that a viewer's queue holds; the oldest are dropped beyond it. */
const QUEUE_LENGTH_MAX = 2000;

/** Deliveries under way to a viewer. */
const PREFETCH = 500;

/** Records are sent together, this often or when there are this many. */
const BATCH_MS = 100;
const BATCH_RECORDS = 200;

/** A comment is sent this often, so that a viewer that is gone is noticed. */
const HEARTBEAT_MS = 15_000;

/** Copies records from the exchange to one stream until either side ends. */
export class TailViewer {
  readonly #channel: Channel;
  readonly #stream: Writable;
  #batch: ReturnType<typeof tailRecord>[] = [];
  #last: ConsumeMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #queue = '';
  #sequence = 0;
  #stalled = false;
  #ended = false;

  /**
   * @param channel a channel of its own; it is closed with the viewer
   * @param stream where the events go; its headers are sent already
   */
  constructor(channel: Channel, stream: Writable) {
    this.#channel = channel;
    this.#stream = stream;
  }

  /** Declares and binds the queue and begins; returns when records can flow. */
  async open(bindingKey: string): Promise<void> {
    await this.#channel.assertExchange(LOGS_EXCHANGE, 'topic', { durable: true });
    const { queue } = await this.#channel.assertQueue('', {
      exclusive: true,
      autoDelete: true,
      durable: false,
      maxLength: QUEUE_LENGTH_MAX,
      arguments: { 'x-overflow': 'drop-head' },
    });
    this.#queue = queue;
    await this.#channel.bindQueue(queue, LOGS_EXCHANGE, bindingKey);
    await this.#channel.prefetch(PREFETCH);
    this.#channel.on('close', () => this.end());
    this.#stream.on('close', () => this.end());
    this.#stream.on('error', () => this.end());
    this.#stream.on('drain', () => void this.#resume());
    await this.#channel.consume(queue, (message) => this.#take(message));
  }

  /** Tells the page that the tail runs. */
  greet(bindingKey: string): void {
    this.#send('ready', { bindingKey });
    this.#heartbeat = setInterval(() => this.#stream.write(': alive\n\n'), HEARTBEAT_MS);
  }

  /** Ends both sides. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#stream.end();
    this.#channel.close().catch(() => undefined);
  }

  #take(message: ConsumeMessage | null): void {
    if (message === null) {
      this.end();
      return;
    }
    if (this.#ended) return;
    this.#batch.push(tailRecord(message, ++this.#sequence));
    this.#last = message;
    if (this.#batch.length >= BATCH_RECORDS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#ended || this.#batch.length === 0 || this.#stalled) return;
    const taken = this.#send('records', this.#batch);
    this.#batch = [];
    if (taken) this.#ack();
    else this.#stalled = true;
  }

  #ack(): void {
    if (this.#last) this.#channel.ack(this.#last, true);
    this.#last = undefined;
  }

  /** The socket has taken everything: go on, and say so if the queue ran over meanwhile. */
  async #resume(): Promise<void> {
    if (!this.#stalled || this.#ended) return;
    try {
      const { messageCount } = await this.#channel.checkQueue(this.#queue);
      if (messageCount >= QUEUE_LENGTH_MAX) this.#send('behind', {});
      this.#stalled = false;
      this.#flush();
      if (!this.#stalled) this.#ack();
    } catch {
      this.end();
    }
  }

  #send(event: string, content: unknown): boolean {
    return this.#stream.write(`event: ${event}\ndata: ${JSON.stringify(content)}\n\n`);
  }
}
