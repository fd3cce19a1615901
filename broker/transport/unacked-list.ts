/**
 * The deliveries of a channel that are not settled, by delivery tag: a ring that begins at the oldest.
 * Tags that need no ack are counted and take no room when nothing before them is open.
 */
import type { Entry } from '../queue/entry.js';

export class UnackedList {
  /** How many are open. */
  count = 0;
  private slots: (Entry | undefined)[] = new Array<Entry | undefined>(16).fill(undefined);
  private base = 1;
  private next = 1;

  /** Gives a delivery its tag and keeps it. */
  add(entry: Entry): number {
    if (this.count === 0) this.base = this.next;
    if (this.next - this.base === this.slots.length) this.grow();
    this.slots[this.next & (this.slots.length - 1)] = entry;
    this.count++;
    return this.next++;
  }

  /** Gives out a tag for a delivery that needs no ack. */
  skip(): number {
    if (this.count > 0) {
      if (this.next - this.base === this.slots.length) this.grow();
      this.slots[this.next & (this.slots.length - 1)] = undefined;
    }
    return this.next++;
  }

  /** Takes one delivery out; undefined when it is unknown or settled already. */
  take(tag: number): Entry | undefined {
    if (tag < this.base || tag >= this.next || this.count === 0) return undefined;
    const at = tag & (this.slots.length - 1);
    const entry = this.slots[at];
    if (entry === undefined) return undefined;
    this.slots[at] = undefined;
    this.count--;
    this.advance();
    return entry;
  }

  /** Takes every delivery up to a tag out, in order; tag 0 means all of them. */
  takeUpTo(tag: number): Entry[] {
    const taken: Entry[] = [];
    const end = tag === 0 ? this.next - 1 : Math.min(tag, this.next - 1);
    for (; this.base <= end && this.count > 0; this.base++) {
      const at = this.base & (this.slots.length - 1);
      const entry = this.slots[at];
      if (entry === undefined) continue;
      this.slots[at] = undefined;
      this.count--;
      taken.push(entry);
    }
    this.advance();
    return taken;
  }

  /** The oldest that is open; the next to be given out when none is. */
  get oldestTag(): number {
    return this.base;
  }

  get nextTag(): number {
    return this.next;
  }

  /** What is open, oldest first, with its tag. */
  *open(): IterableIterator<[tag: number, entry: Entry]> {
    for (let tag = this.base; tag < this.next; tag++) {
      const entry = this.slots[tag & (this.slots.length - 1)];
      if (entry !== undefined) yield [tag, entry];
    }
  }

  /** Whether a delivery is open. */
  has(tag: number): boolean {
    return tag >= this.base && tag < this.next && this.slots[tag & (this.slots.length - 1)] !== undefined;
  }

  private advance(): void {
    const mask = this.slots.length - 1;
    if (this.count === 0) this.base = this.next;
    while (this.base < this.next && this.slots[this.base & mask] === undefined) this.base++;
  }

  private grow(): void {
    const grown = new Array<Entry | undefined>(this.slots.length * 2).fill(undefined);
    for (let tag = this.base; tag < this.next; tag++) {
      grown[tag & (grown.length - 1)] = this.slots[tag & (this.slots.length - 1)];
    }
    this.slots = grown;
  }
}
