/**
 * The ready messages of a classic queue, in order: one ring of entries, or one for each priority.
 * Not responsible for counts or limits of anything but its own length.
 */
import type { Entry } from './entry.js';
import { Ring } from './ring.js';

/** What a queue asks of its ready messages. */
export interface ReadyEntries {
  readonly length: number;
  push(entry: Entry): void;
  /** Takes the entry that is next. */
  shift(): Entry | undefined;
  /** Takes back entries that were out. */
  restore(entries: Entry[]): void;
  /** Takes entries as long as `over` says so of the one that is next. */
  shiftWhile(over: (entry: Entry) => boolean): Entry[];
  /** When the entry that is next expires; 0 for never. */
  nextExpiry(): number;
}

export class ReadyList implements ReadyEntries {
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

  shiftWhile(over: (entry: Entry) => boolean): Entry[] {
    const taken: Entry[] = [];
    for (let first = this.first(); first !== undefined && over(first); first = this.first()) {
      taken.push(this.shift() as Entry);
    }
    return taken;
  }

  nextExpiry(): number {
    return this.first()?.expiresAt ?? 0;
  }

  private first(): Entry | undefined {
    for (let at = this.rings.length - 1; at >= 0; at--) {
      const ring = this.rings[at] as Ring;
      if (ring.length > 0) return ring.first();
    }
    return undefined;
  }
}
