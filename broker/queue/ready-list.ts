/**
 * The ready messages of a classic queue, in order: one ring of entries, which may be paged out, or one in
 * memory for each priority. Not responsible for counts or limits of anything but its own length.
 */
import type { Pages } from '../store/sweep.js';
import type { Entry } from './entry.js';
import type { PagedRing } from './paged-ring.js';
import { Ring } from './ring.js';
import type { Segment } from './segment.js';

/** What a queue asks of its ready messages. */
export interface ReadyEntries {
  readonly length: number;
  push(entry: Entry): void;
  /** Takes the entry that is next. */
  shift(): Entry | undefined;
  /** Takes back entries that were out. */
  restore(entries: Entry[]): void;
  /** The entry that is next. */
  first(): Entry | undefined;
  /** The same, if it is in memory. */
  peek(): Entry | undefined;
  /** How many are in memory. */
  readonly residentCount: number;
  /** Takes all out: entries in memory one by one, those on disk as a whole. */
  clear(onEntry: (entry: Entry) => void, onPages: (pages: Pages) => void): void;
  /** Its parts in the order in which they are handed out, to be looked at. */
  segments(): Segment[];
  /** Takes over what is on disk; undefined where every entry has to be in memory. */
  readonly restorePages: ((pages: Pages) => void) | undefined;
}

/** Of a queue without priorities. */
export class FifoReadyList implements ReadyEntries {
  private readonly ring: PagedRing;

  constructor(ring: PagedRing) {
    this.ring = ring;
  }

  get length(): number {
    return this.ring.length;
  }

  push(entry: Entry): void {
    this.ring.push(entry);
  }

  shift(): Entry | undefined {
    return this.ring.shift();
  }

  restore(entries: Entry[]): void {
    this.ring.restore(inOrder(entries));
  }

  first(): Entry | undefined {
    return this.ring.first();
  }

  peek(): Entry | undefined {
    return this.ring.peek();
  }

  get residentCount(): number {
    return this.ring.residentCount;
  }

  clear(onEntry: (entry: Entry) => void, onPages: (pages: Pages) => void): void {
    this.ring.clear(onEntry, onPages);
  }

  segments(): Segment[] {
    return this.ring.segments();
  }

  readonly restorePages = (pages: Pages): void => this.ring.restorePages(pages);
}

function inOrder(entries: Entry[]): Entry[] {
  return entries.sort((left, right) => left.message.id - right.message.id);
}

/** Of a queue with priorities: all of it in memory. */
export class PriorityReadyList implements ReadyEntries {
  readonly restorePages = undefined;
  length = 0;
  private readonly rings: Ring[] = [];

  /** @param priorities the highest priority there is; messages beyond it count as that */
  constructor(priorities: number) {
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
    inOrder(entries);
    this.length += entries.length;
    for (const ring of this.rings) ring.restore(entries.filter((entry) => this.ring(entry) === ring));
  }

  clear(onEntry: (entry: Entry) => void): void {
    for (let entry = this.shift(); entry !== undefined; entry = this.shift()) onEntry(entry);
  }

  get residentCount(): number {
    return this.length;
  }

  peek(): Entry | undefined {
    return this.first();
  }

  segments(): Segment[] {
    return this.rings.toReversed();
  }

  first(): Entry | undefined {
    for (let at = this.rings.length - 1; at >= 0; at--) {
      const ring = this.rings[at] as Ring;
      if (ring.length > 0) return ring.first();
    }
    return undefined;
  }
}
