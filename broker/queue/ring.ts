/**
 * Entries in order, taken from the head and put back to it, in a ring that grows and shrinks.
 *
 *     . . h e e e e . .        h: the head; an index grows and is masked
 */
import type { Entry } from './entry.js';

const INITIAL_SLOTS = 16;

export class Ring {
  length = 0;
  private slots: (Entry | undefined)[] = new Array<Entry | undefined>(INITIAL_SLOTS).fill(undefined);
  private head = 0;

  first(): Entry | undefined {
    return this.slots[this.head];
  }

  at(index: number): Entry | undefined {
    return index < this.length ? this.slots[(this.head + index) & (this.slots.length - 1)] : undefined;
  }

  push(entry: Entry): void {
    if (this.length === this.slots.length) this.resize(this.length * 2);
    this.slots[(this.head + this.length) & (this.slots.length - 1)] = entry;
    this.length++;
  }

  shift(): Entry | undefined {
    const entry = this.slots[this.head];
    if (entry === undefined) return undefined;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.length--;
    if (this.slots.length > 1024 && this.length < this.slots.length / 8) this.resize(this.slots.length / 4);
    return entry;
  }

  unshift(entry: Entry): void {
    if (this.length === this.slots.length) this.resize(this.length * 2);
    this.head = (this.head - 1) & (this.slots.length - 1);
    this.slots[this.head] = entry;
    this.length++;
  }

  /** The last so many, in order; not to be changed meanwhile. */
  *newest(count: number): IterableIterator<Entry> {
    const mask = this.slots.length - 1;
    for (let index = Math.max(0, this.length - count); index < this.length; index++) {
      yield this.slots[(this.head + index) & mask] as Entry;
    }
  }

  private resize(slots: number): void {
    const resized = new Array<Entry | undefined>(slots).fill(undefined);
    const mask = this.slots.length - 1;
    for (let index = 0; index < this.length; index++) resized[index] = this.slots[(this.head + index) & mask];
    this.slots = resized;
    this.head = 0;
  }

  /** Puts entries back where they were: both the ring and the entries are in the order of messages. */
  restore(entries: readonly Entry[]): void {
    const last = entries[entries.length - 1];
    if (last === undefined) return;
    const passed: Entry[] = [];
    let first = this.first();
    while (first !== undefined && first.message.id < last.message.id) {
      passed.push(first);
      this.shift();
      first = this.first();
    }
    let from = passed.length - 1;
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at] as Entry;
      while (from >= 0 && (passed[from] as Entry).message.id > entry.message.id) {
        this.unshift(passed[from--] as Entry);
      }
      this.unshift(entry);
    }
    while (from >= 0) this.unshift(passed[from--] as Entry);
  }
}
