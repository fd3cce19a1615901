/**
 * Publishes records to the broker, and loses none: each is kept in memory until the broker has
 * confirmed it, sent again after a nack, a return or a lost connection, always under the same id.
 *
 * Responsible for what is sent when. Not responsible for the connection (broker-link.ts), the channel
 * (publishing-channel.ts), the bound on memory (outbox.ts) or for making records (pino/, file/).
 */
import type { ConfirmChannel } from 'amqplib';
import { Backoff } from './backoff.js';
import { BrokerLink } from './broker-link.js';
import { brokerAddresses } from './broker-url.js';
import { BrokerUnreachableError } from './errors.js';
import type { Outbox } from './outbox.js';
import type { DropReason, PublisherOptions, PublisherStatus } from './publisher-options.js';
import { type PublisherSettings, publisherSettings } from './publisher-options.js';
import { publisherOutbox } from './publisher-outbox.js';
import { PublishingChannel } from './publishing-channel.js';
import type { LogRecord } from './record.js';
import { RecordEncoder } from './record-encoder.js';
import { type OutgoingRecord, type RecordOutcome, tell } from './record-queue.js';
import { Refinement } from './refinement/refinement.js';
import { Reports } from './reports.js';
import { Waiters } from './waiters.js';

export { AgentOptionError, BrokerUnreachableError } from './errors.js';
export { newEventId } from './event-id.js';
export type { DropReason, PublisherOptions, PublisherStatus } from './publisher-options.js';
export type { Level, LogRecord } from './record.js';
export type { RecordOutcome } from './record-queue.js';

/** First and last ceiling of the delay after a nack. */
const NACK_RETRY_MS = [100, 5_000] as const;
/** How long `close` waits for a broker that has gone away. */
const AWAY_TIMEOUT_MS = 1_500;
/** How long `flush` and `close` wait by default. */
const FLUSH_TIMEOUT_MS = 5_000;

/** A publisher of log records. One a process is enough; every method returns at once or in bounded time. */
export class Publisher {
  readonly #settings: PublisherSettings;
  readonly #encoder: RecordEncoder;
  readonly #outbox: Outbox;
  readonly #link: BrokerLink;
  readonly #refinement: Refinement | undefined;
  readonly #reports: Reports;
  readonly #waiters = new Waiters();
  readonly #nackBackoff = new Backoff(...NACK_RETRY_MS);
  readonly #counts = { published: 0, confirmed: 0, returned: 0, nacked: 0, connects: 0 };
  #channel: PublishingChannel | undefined;
  #pumpScheduled = false;
  #nackTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #awayTimer: NodeJS.Timeout | undefined;
  #lastError: Error | undefined;
  #closing: Promise<number> | undefined;
  #closed = false;
  /** Attempts that are made at the end for a broker that was never there. */
  #lastAttempts: number;

  /**
   * Starts a publisher. It connects by itself and for ever; records may be published at once.
   *
   * @throws AgentOptionError for an option that cannot be used
   */
  static start(options: PublisherOptions = {}): Publisher {
    return new Publisher(publisherSettings(options));
  }

  private constructor(settings: PublisherSettings) {
    this.#settings = settings;
    this.#encoder = new RecordEncoder(settings.recordBytesMax);
    this.#refinement = Refinement.of(settings);
    this.#reports = new Reports(settings.service, (record, settled) =>
      this.#outbox.pushFirst(this.#encode(record, settled)),
    );
    const drop = (record: OutgoingRecord): void => this.#drop(record, 'overflow');
    this.#outbox = publisherOutbox(settings, drop, () => this.#waiters.check());
    const addresses = brokerAddresses(settings.url, settings.heartbeatSeconds);
    this.#lastAttempts = addresses.length;
    this.#link = new BrokerLink(
      { ...settings, addresses, connectionName: `warren agent ${settings.service}` },
      {
        opened: (channel) => this.#opened(channel),
        lost: () => this.#lost(),
        failed: (reason) => this.#failed(reason),
        blocked: (isBlocked) => {
          if (this.#channel !== undefined) this.#channel.blocked = isBlocked;
          this.#schedulePump();
        },
      },
    );
  }

  /**
   * Accepts a record for publishing. Never throws and never waits.
   *
   * @param settled called once, when the record is confirmed, on the disk (with a spool) or given up
   * @returns false when the buffer is more than half full: who can wait should wait for `drained()`
   */
  publish(record: LogRecord, settled?: (outcome: RecordOutcome) => void): boolean {
    try {
      const reason = this.#refinement?.leavesOut(record);
      if (reason !== undefined) {
        this.#reports.leftOut.add(reason);
        settled?.('left-out');
      } else {
        const outgoing = this.#encode(record, settled);
        if (this.#closed) this.#drop(outgoing, 'closed');
        else this.#outbox.push(outgoing);
      }
    } catch (error) {
      this.#settings.log?.warn({ err: error }, 'A record cannot be expressed as JSON');
      this.#reports.dropped.add('unencodable');
      settled?.('dropped');
    }
    this.#schedulePump();
    return !this.#outbox.isHalfFull;
  }

  #encode(record: LogRecord, settled: OutgoingRecord['settled']): OutgoingRecord {
    return this.#encoder.encode(this.#refinement?.apply(record) ?? record, settled);
  }

  /** What the publisher has done so far, and its state now. */
  get status(): PublisherStatus {
    const open = this.#channel === undefined ? 'connecting' : this.#channel.blocked ? 'blocked' : 'connected';
    return {
      state: this.#closed ? 'closed' : open,
      broker: this.#link.address,
      ...this.#counts,
      dropped: this.#reports.dropped.totals,
      leftOut: this.#reports.leftOut.totals,
      buffered: this.#outbox.records,
      bufferedBytes: this.#outbox.bytes,
      inFlight: this.#channel?.inFlight ?? 0,
      ...this.#outbox.status,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError.message }),
    };
  }

  /**
   * Resolves once the broker is connected.
   *
   * @throws BrokerUnreachableError when it is not in time; the publisher goes on trying
   */
  async connected(timeoutMs = this.#settings.connectTimeoutMs): Promise<void> {
    if (!(await this.#waiters.wait(() => this.#channel !== undefined, timeoutMs))) {
      throw new BrokerUnreachableError(this.#link.address, this.#lastError);
    }
  }

  /** Resolves once the buffer is at most half full, or the publisher is closed. */
  async drained(): Promise<void> {
    await this.#waiters.wait(() => !this.#outbox.isHalfFull || this.#closed);
  }

  /** Resolves to true once all published so far is settled or on a spool's disk, to false when time is up. */
  flush(timeoutMs = FLUSH_TIMEOUT_MS): Promise<boolean> {
    return this.#hurry(this.#outbox.barrier(), timeoutMs);
  }

  #hurry(isOver: () => boolean, timeoutMs: number): Promise<boolean> {
    this.#outbox.hurry(this.#channel !== undefined);
    this.#schedulePump();
    return this.#waiters.wait(isOver, timeoutMs);
  }

  /**
   * Flushes, then closes the connection. A broker that has gone away is waited for at most 1.5 s; one
   * that was never there is tried once more.
   *
   * @returns how many records were dropped, now or before, and could not be reported to the broker
   */
  close(timeoutMs = FLUSH_TIMEOUT_MS): Promise<number> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<number> {
    this.#link.hurry();
    this.#reports.sendLast();
    if (this.#channel === undefined) this.#giveUpSoon();
    await this.#hurry(this.#outbox.emptied(), timeoutMs);
    this.#closed = true;
    for (const timer of [this.#nackTimer, this.#probeTimer, this.#awayTimer]) clearTimeout(timer);
    const unconfirmed = this.#channel?.takeUnconfirmed() ?? [];
    this.#channel = undefined;
    for (const record of await this.#outbox.end(unconfirmed)) this.#drop(record, 'closed');
    await this.#link.stop();
    this.#waiters.release();
    return this.#reports.dropped.total;
  }

  #giveUpSoon(): void {
    this.#awayTimer = setTimeout(() => this.#waiters.release(), AWAY_TIMEOUT_MS);
  }

  #opened(channel: ConfirmChannel): void {
    clearTimeout(this.#awayTimer);
    this.#outbox.brokerIsAway(false);
    this.#counts.connects += 1;
    this.#lastError = undefined;
    this.#channel = new PublishingChannel(channel, this.#settings, {
      confirmed: (record) => this.#confirmed(record),
      returned: (record) => {
        this.#counts.returned += 1;
        this.#outbox.hold(record);
        this.#scheduleProbe();
      },
      nacked: (record) => this.#nacked(record),
      writable: () => this.#schedulePump(),
    });
    // What no queue took before may find one now: the broker may be another one.
    this.#outbox.releaseHeld();
    this.#waiters.check();
    this.#schedulePump();
  }

  #lost(): void {
    this.#outbox.putBack(this.#channel?.takeUnconfirmed() ?? []);
    this.#channel = undefined;
    this.#outbox.brokerIsAway(true);
    if (this.#closing !== undefined) this.#giveUpSoon();
  }

  #failed(reason: Error): void {
    this.#lastError = reason;
    if (this.#closing === undefined || this.#counts.connects > 0) return;
    // Nobody has ever seen this broker and the process wants to end: each address is tried once more.
    this.#lastAttempts -= 1;
    if (this.#lastAttempts <= 0) this.#waiters.release();
  }

  #confirmed(record: OutgoingRecord): void {
    this.#counts.confirmed += 1;
    this.#nackBackoff.reset();
    this.#outbox.settle(record);
    this.#outbox.routed(record.routingKey);
    tell(record, 'confirmed');
    this.#waiters.check();
  }

  #nacked(record: OutgoingRecord): void {
    this.#counts.nacked += 1;
    this.#outbox.retry(record);
    this.#nackTimer ??= setTimeout(() => {
      this.#nackTimer = undefined;
      this.#schedulePump();
    }, this.#nackBackoff.nextMs());
  }

  #drop(record: OutgoingRecord, reason: DropReason): void {
    this.#reports.dropped.add(reason);
    this.#settings.onDropped?.(record.body, reason);
    tell(record, 'dropped');
    this.#waiters.check();
  }

  #scheduleProbe(): void {
    const delayMs = this.#outbox.nextProbeInMs();
    if (delayMs === undefined || this.#probeTimer !== undefined || this.#closed) return;
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = undefined;
      this.#schedulePump();
    }, delayMs);
  }

  /** Sends once a turn of the event loop: what was published in one turn goes out in one batch. */
  #schedulePump(): void {
    if (this.#pumpScheduled || this.#channel === undefined) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const channel = this.#channel;
    if (channel === undefined || this.#nackTimer !== undefined || this.#closed) return;
    this.#reports.sendDue();
    const probes = this.#outbox.takeProbes();
    while (channel.isWritable) {
      const record = probes.shift() ?? this.#outbox.take();
      if (record === undefined) break;
      try {
        channel.send(record);
        this.#counts.published += 1;
      } catch {
        // The channel is closed and has not said so yet; when it does, everything is sent again.
        probes.unshift(record);
        break;
      }
    }
    for (const probe of probes) this.#outbox.retry(probe);
    this.#scheduleProbe();
  }
}
