/**
 * The ready messages of a quorum queue. What comes back goes before what was never handed out, in the
 * order in which it comes back; without a delivery limit it goes to the end, as it does in RabbitMQ,
 * since a message that is refused for ever would block all behind it. Of the rest, two messages of
 * high priority (from 5 on) go before one of the others, which therefore never starve.
 */
import type { Pages } from '../store/sweep.js';
import type { Entry } from './entry.js';
import type { PagedRing } from './paged-ring.js';
import type { ReadyEntries } from './ready-list.js';
import { Ring } from './ring.js';
import type { Segment } from './segment.js';

export const HIGH_PRIORITY = 5;
/** So many messages of high priority go before one that is not. */
const HIGH_IN_TURN = 2;

export class QuorumReadyList implements ReadyEntries {
  /** Whether there is a delivery limit. */
  returnsToHead: boolean;
  private readonly returned = new Ring();
  private readonly high = new Ring();
  private readonly normal: PagedRing;
  /**
   * Behind what is in `normal`, while there is no delivery limit: what comes back to the end is older than
   * what stands before it there, and pages are in order.
   */
  private readonly rest = new Ring();
  private highInTurn = 0;
  readonly restorePages: (pages: Pages) => void;

  /** @param normal for what is not of high priority */
  constructor(returnsToHead: boolean, normal: PagedRing) {
    this.returnsToHead = returnsToHead;
    this.normal = normal;
    this.restorePages = (pages) => normal.restorePages(pages);
  }

  private get normalLength(): number {
    return this.normal.length + this.rest.length;
  }

  get length(): number {
    return this.returned.length + this.high.length + this.normalLength;
  }

  push(entry: Entry): void {
    if (entry.message.priority >= HIGH_PRIORITY) this.high.push(entry);
    else if (this.returnsToHead && this.rest.length === 0) this.normal.push(entry);
    else this.rest.push(entry);
  }

  shift(): Entry | undefined {
    const ring = this.next();
    if (ring === this.high && this.normalLength > 0) this.highInTurn++;
    else if (ring === this.normal || ring === this.rest) this.highInTurn = 0;
    return ring.shift();
  }

  private next(): Ring | PagedRing {
    if (this.returned.length > 0) return this.returned;
    const normal = this.normal.length > 0 ? this.normal : this.rest;
    if (this.high.length === 0) return normal;
    return normal.length > 0 && this.highInTurn >= HIGH_IN_TURN ? normal : this.high;
  }

  restore(entries: Entry[]): void {
    for (const entry of entries) {
      if (this.returnsToHead) this.returned.push(entry);
      else this.push(entry);
    }
  }

  first(): Entry | undefined {
    return this.next().first();
  }

  peek(): Entry | undefined {
    const ring = this.next();
    return ring === this.normal ? this.normal.peek() : ring.first();
  }

  get residentCount(): number {
    return this.returned.length + this.high.length + this.normal.residentCount;
  }

  /** One after the other, although they are handed out by turns. */
  segments(): Segment[] {
    return [this.returned, this.high, ...this.normal.segments()];
  }

  clear(onEntry: (entry: Entry) => void, onPages: (pages: Pages) => void): void {
    for (const ring of [this.returned, this.high, this.rest]) {
      for (let entry = ring.shift(); entry !== undefined; entry = ring.shift()) onEntry(entry);
    }
    this.normal.clear(onEntry, onPages);
  }
}
