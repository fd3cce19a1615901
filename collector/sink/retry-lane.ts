/**
 * Documents that the index will take later, though it takes others now. They wait together and go
 * together, so that what is blocked costs a request or two for each wait, however much of it is held.
 */
import { type Backoff, backoffDelayMs } from '../backoff.js';
import type { Item } from '../batch/item.js';

export class RetryLane {
  readonly #backoff: Backoff;
  readonly #onDue: (items: Item[]) => void;
  #items: Item[] = [];
  #rounds = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onDue takes all that waited, when the wait is over */
  constructor(backoff: Backoff, onDue: (items: Item[]) => void) {
    this.#backoff = backoff;
    this.#onDue = onDue;
  }

  /** How many wait. */
  get count(): number {
    return this.#items.length;
  }

  /** Lets items wait for the next round; each round that brings some back waits longer. */
  add(items: readonly Item[]): void {
    for (const item of items) this.#items.push(item);
    if (this.#timer !== undefined || this.#items.length === 0) return;
    this.#rounds += 1;
    this.#timer = setTimeout(() => this.#fire(), backoffDelayMs(this.#backoff, this.#rounds));
  }

  /** Takes note that what was retried went through: the next wait is short again. */
  reset(): void {
    if (this.#items.length === 0) this.#rounds = 0;
  }

  /** Forgets what waits; the broker has it still. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#items = [];
  }

  #fire(): void {
    this.#timer = undefined;
    const items = this.#items.filter((item) => !item.origin.isClosed);
    this.#items = [];
    if (items.length === 0) this.#rounds = 0;
    else this.#onDue(items);
  }
}
