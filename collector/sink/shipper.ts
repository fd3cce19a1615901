/**
 * Batches → bulks → an outcome for each document. Keeps some bulks in flight, retries what the index
 * will take later, splits what it refuses as a whole, and pauses while it is away: then one request at
 * a time asks whether it is back. Bounded by the prefetch: nothing is dropped here, so nothing more
 * is delivered while what is held waits.
 */
import type { Logger } from 'pino';
import { type Backoff, backoffDelayMs } from '../backoff.js';
import { type BatchLimits, cutIntoBatches } from '../batch/batcher.js';
import type { Item } from '../batch/item.js';
import type { DeadLetterReason } from '../deadletter/headers.js';
import type { BulkAnswer } from './elasticsearch.js';
import { RetryLane } from './retry-lane.js';
import { type BulkItemAnswer, bulkVerdictOf, rejectionReason, verdictOf } from './verdict.js';

/** Why a document is dead-lettered. */
export interface Rejection {
  reason: DeadLetterReason;
  status: number;
  error: string;
}

/** What the shipper needs from outside. */
export interface ShipperEdges {
  /** Makes sure that the index is ready for documents; rejects when the index is away. */
  prepare(): Promise<void>;
  /** Tells that the index may have lost what `prepare` installed. */
  forget(): void;
  /** Sends one bulk; never rejects. */
  send(items: readonly Item[]): Promise<BulkAnswer>;
  /** Puts an item among the dead letters; false when it was given up on, being the broker's again. */
  reject(item: Item, rejection: Rejection): Promise<boolean>;
}

export interface ShipperOptions extends BatchLimits {
  bulksInFlightMax: number;
  attemptsMax: number;
  backoff: Backoff;
  log: Logger;
}

/** Tries after which a bulk that is "too many requests" as a whole is halved, in case its size is why. */
const HALVE_AFTER = 3;

/**
 * Failures in a row before anything is said. Warren's own logs pass through this very pipeline: an index
 * that fails now and then must not make it talk about each time.
 */
const TOLD_AFTER = 2;

type Failure = BulkAnswer & { isAnswered: false };

interface Batch {
  items: Item[];
  /** Failures of the whole request in a row. */
  failures: number;
  /** How many bulks had gone through when this one first failed. */
  succeededBefore: number;
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #edges: ShipperEdges;
  readonly #lane: RetryLane;
  #ready: Batch[] = [];
  #inFlight = 0;
  #rejecting = 0;
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #isStopped = false;
  #onIdle: (() => void) | undefined;
  readonly counts = { delivered: 0, rejected: 0, retried: 0, bulks: 0 };

  constructor(options: ShipperOptions, edges: ShipperEdges) {
    this.#options = options;
    this.#edges = edges;
    this.#lane = new RetryLane(options.backoff, (items) => this.#enqueue(items));
  }

  /** Whether the last request found the index away. */
  get isPaused(): boolean {
    return this.#failures > 0;
  }

  /** Takes a batch; it goes out as soon as there is room. */
  ship(items: Item[]): void {
    this.#ready.push({ items, failures: 0, succeededBefore: 0 });
    this.#pump();
  }

  /** Puts one item among the dead letters without asking the index. */
  reject(item: Item, rejection: Rejection): void {
    this.#rejecting += 1;
    void this.#edges.reject(item, rejection).then((isSafe) => {
      this.#rejecting -= 1;
      if (isSafe) this.counts.rejected += 1;
      this.#checkIdle();
    });
  }

  /** Waits until nothing is under way, or until waiting is of no use because the index is away. */
  async drain(drainMsMax: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      timer = setTimeout(resolve, drainMsMax);
      this.#checkIdle();
    });
    await idle;
    clearTimeout(timer);
  }

  /** Sends nothing more. What is held is still the broker's. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#pause);
    this.#lane.stop();
    this.#ready = [];
  }

  #enqueue(items: Item[]): void {
    for (const batch of cutIntoBatches(items, this.#options)) this.ship(batch);
  }

  #pump(): void {
    while (this.#ready.length > 0 && this.#pause === undefined && !this.#isStopped) {
      const room = this.#failures > 0 ? 1 : this.#options.bulksInFlightMax;
      if (this.#inFlight >= room) return;
      const batch = this.#ready.shift()!;
      batch.items = batch.items.filter((item) => !item.origin.isClosed);
      if (batch.items.length === 0) continue;
      this.#inFlight += 1;
      void this.#send(batch);
    }
    this.#checkIdle();
  }

  async #send(batch: Batch): Promise<void> {
    let answer: BulkAnswer;
    try {
      await this.#edges.prepare();
      this.counts.bulks += 1;
      answer = await this.#edges.send(batch.items);
    } catch (error) {
      answer = { isAnswered: false, status: 0, type: 'unavailable', error: (error as Error).message };
    }
    this.#inFlight -= 1;
    if (this.#isStopped && !answer.isAnswered) return;
    if (answer.isAnswered) this.#applyItems(batch.items, answer.items);
    else this.#applyFailure(batch, answer);
    this.#pump();
  }

  #applyItems(items: readonly Item[], answers: readonly BulkItemAnswer[]): void {
    const again: Item[] = [];
    for (let position = 0; position < items.length; position += 1) {
      const item = items[position]!;
      const verdict = verdictOf(answers[position]!);
      if (verdict.outcome === 'delivered') {
        this.counts.delivered += 1;
        item.origin.settle(item.delivery.fields.deliveryTag);
        continue;
      }
      item.attempts += 1;
      if (verdict.outcome === 'rejected') this.reject(item, verdict);
      else if (verdict.isLimited && item.attempts >= this.#options.attemptsMax) {
        this.reject(item, { reason: 'rejected', status: verdict.status, error: verdict.error });
      } else again.push(item);
      if (verdict.outcome === 'retry' && verdict.status === 404) this.#edges.forget();
    }
    this.counts.retried += again.length;
    if (again.length === 0) this.#lane.reset();
    if (!this.#isStopped) this.#lane.add(again);
    if (again.length < items.length) this.#recovered();
  }

  #applyFailure(batch: Batch, failure: Failure): void {
    if (batch.failures === 0) batch.succeededBefore = this.counts.delivered;
    batch.failures += 1;
    this.counts.retried += batch.items.length;
    for (const item of batch.items) item.attempts += 1;
    const verdict = bulkVerdictOf(failure.status);
    if (verdict === 'split') {
      this.#split(batch, failure, 0);
      return;
    }
    this.#edges.forget();
    this.#pauseAfter(failure);
    const isWorn = batch.failures >= this.#options.attemptsMax;
    if (verdict === 'retry-limited' && isWorn) this.#split(batch, failure, batch.failures - 1);
    else if (verdict === 'retry-limited') this.#ready.push(batch);
    else if (failure.status === 429 && batch.failures >= HALVE_AFTER && batch.items.length > 1) {
      this.#split(batch, failure, 0);
    } else this.#ready.unshift(batch);
  }

  /** Halves a batch that was refused as a whole; a single document that is refused is the culprit. */
  #split(batch: Batch, failure: Failure, failures: number): void {
    const { items } = batch;
    if (items.length > 1) {
      const middle = items.length >> 1;
      const halves = [items.slice(0, middle), items.slice(middle)].map((half) => ({
        ...batch,
        items: half,
        failures,
      }));
      if (failures === 0) this.#ready.unshift(...halves);
      else this.#ready.push(...halves);
      return;
    }
    // A server error proves nothing against a document while the server fails on every other one too.
    if (failure.status >= 500 && this.counts.delivered === batch.succeededBefore) {
      this.#ready.push(batch);
      return;
    }
    const { status, type, error } = failure;
    const reason = rejectionReason({ status, error: { type, reason: error } });
    for (const item of items) this.reject(item, { reason, status, error });
  }

  #pauseAfter(failure: Failure): void {
    this.#failures += 1;
    const delayMs = backoffDelayMs(this.#options.backoff, this.#failures);
    if (this.#failures === TOLD_AFTER) {
      const { status, error } = failure;
      this.#options.log.warn({ status, error }, 'The index does not take documents; waiting for it');
    }
    if (this.#pause !== undefined || this.#isStopped) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#pump();
    }, delayMs);
  }

  #recovered(): void {
    if (this.#failures === 0) return;
    const wasTold = this.#failures >= TOLD_AFTER;
    // A pause that has begun is kept: the batch that failed must not come back at once.
    this.#failures = 0;
    if (wasTold) this.#options.log.info('The index takes documents again');
  }

  #checkIdle(): void {
    const isWorking = this.#inFlight > 0 || this.#rejecting > 0;
    const isWaiting = this.#ready.length > 0 && this.#failures === 0;
    if (this.#onIdle !== undefined && !isWorking && !isWaiting) this.#onIdle();
  }
}
