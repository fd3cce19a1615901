/**
 * The ready messages of a queue, in order: one ring of entries, or one for each priority.
 *
 *     ring:   . . h e e e e . .        h: the head; an index grows and is masked
 *
 * Not responsible for counts or limits of anything but its own length.
 */
import type { Entry } from './entry.js';

const INITIAL_SLOTS = 16;

class Ring {
  length = 0;
  private slots: (Entry | undefined)[] = new Array<Entry | undefined>(INITIAL_SLOTS).fill(undefined);
  private head = 0;

  first(): Entry | undefined {
    return this.slots[this.head];
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

export class ReadyList {
  length = 0;
  private readonly rings: Ring[] = [];

  /** @param priorities the highest priority there is; messages beyond it count as that */
  constructor(priorities = 0) {
    for (let priority = 0; priority <= priorities; priority++) this.rings.push(new Ring());
  }

  private ring(entry: Entry): Ring {
    return this.rings[Math.min(entry.message.priority, this.rings.length - 1)] as Ring;
  }

  push(entry: Entry): void {
    this.ring(entry).push(entry);
    this.length++;
  }

  /** The entry that is next. */
  first(): Entry | undefined {
    for (let at = this.rings.length - 1; at >= 0; at--) {
      const ring = this.rings[at] as Ring;
      if (ring.length > 0) return ring.first();
    }
    return undefined;
  }

  shift(): Entry | undefined {
    for (let at = this.rings.length - 1; at >= 0; at--) {
      const ring = this.rings[at] as Ring;
      if (ring.length === 0) continue;
      this.length--;
      return ring.shift();
    }
    return undefined;
  }

  /** Puts entries back to where they were in the order of messages. */
  restore(entries: Entry[]): void {
    entries.sort((left, right) => left.message.id - right.message.id);
    this.length += entries.length;
    if (this.rings.length === 1) {
      (this.rings[0] as Ring).restore(entries);
      return;
    }
    for (const ring of this.rings) ring.restore(entries.filter((entry) => this.ring(entry) === ring));
  }

  /** Takes every entry from the head of each priority for which `over` says so. */
  shiftWhile(over: (entry: Entry) => boolean): Entry[] {
    const taken: Entry[] = [];
    for (let at = this.rings.length - 1; at >= 0; at--) {
      const ring = this.rings[at] as Ring;
      for (let first = ring.first(); first !== undefined && over(first); first = ring.first()) {
        taken.push(first);
        ring.shift();
        this.length--;
      }
    }
    return taken;
  }

  /** When the first head expires; 0 for never. */
  nextExpiry(): number {
    let next = 0;
    for (const ring of this.rings) {
      const at = ring.first()?.expiresAt ?? 0;
      if (at !== 0 && (next === 0 || at < next)) next = at;
    }
    return next;
  }
}
