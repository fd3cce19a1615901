/**
 * The dead letter queue as the console uses it, and how long it is.
 *
 * A visit to the queue takes letters out and puts them back; whoever counts meanwhile counts too few.
 * So the length is not asked of the broker during a visit.
 */
import type {
  DeadLetterInFull,
  DeadLetterList,
  DeadLetterQueue,
  ReplayResult,
} from '../../../collector/deadletter/dead-letter-queue.js';

/** Visits the queue and knows when it does. */
export class LetterDesk {
  readonly #queue: DeadLetterQueue;
  #visits = 0;
  #visited = 0;
  #lengthKnown: number | null = null;

  constructor(queue: DeadLetterQueue) {
    this.#queue = queue;
  }

  /** The oldest letters of the queue. */
  async list(limit: number): Promise<DeadLetterList> {
    const list = await this.#visit(() => this.#queue.list({ limit }));
    this.#lengthKnown = list.total;
    return list;
  }

  /** One letter in full; undefined when it is no longer there. */
  show(id: string): Promise<DeadLetterInFull | undefined> {
    return this.#visit(() => this.#queue.show(id));
  }

  /** Sends letters round again. */
  async replay(which: { ids: string[] } | { all: true }): Promise<ReplayResult> {
    const result = await this.#visit(() => this.#queue.replay(which));
    this.#lengthKnown = result.left;
    return result;
  }

  /**
   * How many letters there are.
   *
   * @param ask asks the broker; its answer counts only when no visit was under way
   */
  async length(ask: () => Promise<number | null>): Promise<number | null> {
    if (this.#visits > 0) return this.#lengthKnown;
    const before = this.#visited;
    const length = await ask();
    if (this.#visits > 0 || this.#visited !== before) return this.#lengthKnown;
    this.#lengthKnown = length;
    return length;
  }

  async #visit<Result>(visit: () => Promise<Result>): Promise<Result> {
    this.#visits++;
    try {
      return await visit();
    } finally {
      this.#visits--;
      this.#visited++;
    }
  }
}
