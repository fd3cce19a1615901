/**
 * The dead letters, for people: list them, look at one, send them round again, export or purge them.
 * Behind `warren dlq` and the console. Works over plain AMQP with any broker and any queue of dead
 * letters, in memory that does not grow with the queue.
 */

import { DEAD_QUEUE } from '../topology.js';
import { type DeadLetter, type DeadLetterInFull, describeLetter, describeLetterInFull } from './letter.js';
import { type ReplayOptions, type ReplayResult, replayLetters } from './replay.js';
import { type Selection, Selector } from './selection.js';
import { visitQueue } from './visit.js';

export type { Death } from './deaths.js';
export type { DeadLetter, DeadLetterInFull } from './letter.js';
export type { ReplayOptions, ReplayProgress, ReplayResult } from './replay.js';
export type { Selection } from './selection.js';

/** Letters that a list looks at for its groups; it says so when there are more. */
const LOOKED_MAX = 10_000;

/** Groups that a list tells; the rest is counted under the names `other`. */
const GROUPS_MAX = 200;

export interface DeadLetterQueueOptions {
  brokerUrl: string;
  /** Default `logs.dead`; any queue that a broker dead-letters into will do. */
  queue?: string;
}

export interface DeadLetterGroup {
  reason: string;
  service: string;
  count: number;
  /** RFC 3339; of those that say when they failed. */
  firstFailedAt: string | undefined;
  lastFailedAt: string | undefined;
}

export interface DeadLetterList {
  /** From the head of the queue: the oldest first. */
  letters: DeadLetter[];
  /** Letters in the queue. */
  total: number;
  /** Letters that the groups count: all of them, or the first ten thousand. */
  looked: number;
  /** Whether `letters` leaves some out. */
  truncated: boolean;
  /** By reason and service, the largest first. */
  groups: DeadLetterGroup[];
}

export class DeadLetterQueue {
  readonly #brokerUrl: string;
  readonly #queue: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ brokerUrl, queue = DEAD_QUEUE }: DeadLetterQueueOptions) {
    this.#brokerUrl = brokerUrl;
    this.#queue = queue;
  }

  /**
   * The letters from the head of the queue, and groups with counts.
   *
   * All methods reject with a `CollectorError`: `ERR_WARREN_BROKER_UNREACHABLE`,
   * `ERR_WARREN_BROKER_REFUSED`, `ERR_WARREN_BROKER_BLOCKED`, `ERR_WARREN_BROKER_LOST` or
   * `ERR_WARREN_QUEUE_MISSING`.
   */
  list({ limit = 100 }: { limit?: number } = {}): Promise<DeadLetterList> {
    return this.#inTurn(() =>
      visitQueue(this.#brokerUrl, this.#queue, async (visit) => {
        const letters: DeadLetter[] = [];
        const groups = new Map<string, DeadLetterGroup>();
        let looked = 0;
        for await (const { message, id } of visit.letters(LOOKED_MAX)) {
          const letter = describeLetter(message, id);
          looked += 1;
          if (letters.length < limit) letters.push(letter);
          countIn(groups, letter);
        }
        const { total } = visit;
        const sorted = [...groups.values()].toSorted((a, b) => b.count - a.count);
        return { letters, total, looked, truncated: total > letters.length, groups: sorted };
      }),
    );
  }

  /** One letter with everything it carries, by its id or its `message-id`. */
  show(id: string): Promise<DeadLetterInFull | undefined> {
    return this.#inTurn(() =>
      visitQueue(this.#brokerUrl, this.#queue, async (visit) => {
        for await (const { message, id: name } of visit.letters()) {
          if (name === id || message.properties.messageId === id) return describeLetterInFull(message, name);
        }
        return undefined;
      }),
    );
  }

  /** Sends letters to where their originals were published; the others stay in their places. */
  replay(selection: Selection, options: ReplayOptions = {}): Promise<ReplayResult> {
    return this.#inTurn(() =>
      visitQueue(this.#brokerUrl, this.#queue, (visit) => replayLetters(visit, selection, options)),
    );
  }

  /** Throws letters away for good. */
  purge(selection: Selection): Promise<{ purged: number; notFound: string[]; left: number }> {
    return this.#inTurn(() =>
      visitQueue(this.#brokerUrl, this.#queue, async (visit) => {
        const selector = new Selector(selection);
        let purged = 0;
        for await (const { message, id } of visit.letters()) {
          if (!selector.takes(describeLetter(message, id))) continue;
          visit.channel.ack(message);
          visit.removed += 1;
          purged += 1;
        }
        return { purged, notFound: selector.missing, left: visit.total - visit.removed };
      }),
    );
  }

  /**
   * Hands out letters in full, one by one; they stay in the queue.
   *
   * @returns how many there were
   */
  export(
    onLetter: (letter: DeadLetterInFull) => void | Promise<void>,
    selection: Selection = { all: true },
  ): Promise<number> {
    return this.#inTurn(() =>
      visitQueue(this.#brokerUrl, this.#queue, async (visit) => {
        const selector = new Selector(selection);
        let count = 0;
        for await (const { message, id } of visit.letters()) {
          if (!selector.takes(describeLetter(message, id))) continue;
          await onLetter(describeLetterInFull(message, id));
          count += 1;
        }
        return count;
      }),
    );
  }

  /** What one visit has fetched, another would not see: they take turns. */
  #inTurn<Result>(visit: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(visit, visit);
    this.#last = result.catch(() => {});
    return result;
  }
}

function countIn(groups: Map<string, DeadLetterGroup>, letter: DeadLetter): void {
  const { reason, failedAt } = letter;
  const isKnown = groups.has(`${reason} ${letter.service}`);
  const service = isKnown || groups.size < GROUPS_MAX ? letter.service : 'other';
  const key = `${reason} ${service}`;
  const group = groups.get(key) ?? {
    reason,
    service,
    count: 0,
    firstFailedAt: failedAt,
    lastFailedAt: failedAt,
  };
  group.count += 1;
  if (failedAt !== undefined) {
    if (group.firstFailedAt === undefined || failedAt < group.firstFailedAt) group.firstFailedAt = failedAt;
    if (group.lastFailedAt === undefined || failedAt > group.lastFailedAt) group.lastFailedAt = failedAt;
  }
  groups.set(key, group);
}
