/**
 * Gathers items into batches by count, bytes and age. Knows nothing of where they go.
 *
 * Not bounded in itself: what is gathered is part of what the prefetch lets in.
 */
import type { Item } from './item.js';

/** When a batch is full. */
export interface BatchLimits {
  batchCountMax: number;
  batchBytesMax: number;
  batchAgeMsMax: number;
}

export class Batcher {
  readonly #limits: BatchLimits;
  readonly #onBatch: (items: Item[]) => void;
  #items: Item[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onBatch takes each batch; never called with an empty one */
  constructor(limits: BatchLimits, onBatch: (items: Item[]) => void) {
    this.#limits = limits;
    this.#onBatch = onBatch;
  }

  /** How many items wait for company. */
  get count(): number {
    return this.#items.length;
  }

  /** Takes one item; may hand out one or two batches on the way. */
  add(item: Item): void {
    const bytes = item.document.source.length;
    if (this.#items.length > 0 && this.#bytes + bytes > this.#limits.batchBytesMax) this.flush();
    this.#items.push(item);
    this.#bytes += bytes;
    if (this.#items.length >= this.#limits.batchCountMax || this.#bytes >= this.#limits.batchBytesMax) {
      this.flush();
    } else {
      this.#timer ??= setTimeout(() => this.flush(), this.#limits.batchAgeMsMax);
    }
  }

  /** Hands out what there is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    this.#onBatch(items);
  }
}

/** Cuts a list of items into batches within the limits, in order. */
export function cutIntoBatches(items: readonly Item[], limits: BatchLimits): Item[][] {
  const batches: Item[][] = [];
  const batcher = new Batcher(limits, (batch) => batches.push(batch));
  for (const item of items) batcher.add(item);
  batcher.flush();
  return batches;
}
