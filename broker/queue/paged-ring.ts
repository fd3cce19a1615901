/**
 * Entries in the order of messages, of which the middle may be on disk alone: a queue of any length takes
 * a bounded part of the memory.
 *
 *     ◄─ shift   [ head ]   ░░ pages ░░   [ tail ]   ◄─ push
 *                in memory  count, first   in memory, on its
 *                           and last id    way to the disk
 *
 * The head is filled again from the pages, many entries in one read. Pages hold only what has never been
 * out since the broker started: an entry that comes back is older than all of them and goes to the head.
 */
import type { Pages } from '../store/sweep.js';
import type { Entry } from './entry.js';
import type { PageBudget } from './page-budget.js';
import { Ring } from './ring.js';
import type { Segment } from './segment.js';

/** The disk, as the pages of one queue see it. */
export interface PageStore {
  /** Has an entry written that would not be otherwise, so that it can be paged out. */
  spill(entry: Entry): void;
  /** Reads entries in order, some hundred at most, from the first to the last id. */
  readPage(first: number, last: number): Entry[];
}

const NO_PAGES: Pages = { count: 0, first: 0, last: 0 };

/** Pushes between two looks at what can be paged out. */
const LOOK_AFTER = 16;

export class PagedRing {
  private readonly budget: PageBudget;
  private readonly store: PageStore;
  private head = new Ring();
  private tail = new Ring();
  private pages = NO_PAGES;
  private unlooked = 0;
  /** Of the newest, how many were pushed since such as need not be written were looked for. */
  private unspilled = 0;

  constructor(budget: PageBudget, store: PageStore) {
    this.budget = budget;
    this.store = store;
  }

  get length(): number {
    return this.head.length + this.pages.count + this.tail.length;
  }

  push(entry: Entry): void {
    const { budget, tail } = this;
    const paging = this.pages.count > 0 || tail.length > 0;
    const room = !budget.exhausted;
    budget.resident++;
    if (!paging && room) {
      this.head.push(entry);
      return;
    }
    tail.push(entry);
    this.unspilled++;
    if (++this.unlooked === LOOK_AFTER) this.pageOut();
  }

  /** Lets go of the oldest of the tail, as far as they are on disk; when memory runs out, has more written. */
  private pageOut(): void {
    const { tail } = this;
    let { count, first, last } = this.pages;
    for (let entry = tail.first(); entry?.state === 'stored'; entry = tail.first()) {
      tail.shift();
      this.budget.resident--;
      last = entry.message.id;
      if (count++ === 0) first = last;
    }
    this.pages = { count, first, last };
    this.unlooked = 0;
    if (!this.budget.overdrawn) return;
    // One that is not written keeps all behind it in memory.
    for (const entry of tail.newest(this.unspilled)) if (entry.state === 'memory') this.store.spill(entry);
    this.unspilled = 0;
  }

  first(): Entry | undefined {
    if (this.head.length === 0) this.fillHead();
    return this.head.first();
  }

  /** The first, if nothing has to be read for it. */
  peek(): Entry | undefined {
    return this.head.first() ?? (this.pages.count === 0 ? this.tail.first() : undefined);
  }

  get residentCount(): number {
    return this.head.length + this.tail.length;
  }

  shift(): Entry | undefined {
    if (this.head.length === 0) this.fillHead();
    const entry = this.head.shift();
    if (entry !== undefined) this.budget.resident--;
    return entry;
  }

  private fillHead(): void {
    const { count, first, last } = this.pages;
    if (count === 0) {
      [this.head, this.tail] = [this.tail, this.head];
      this.unlooked = 0;
      this.unspilled = 0;
      return;
    }
    const page = this.store.readPage(first, last);
    const end = page[page.length - 1];
    if (end === undefined) throw new Error(`${count} ready messages are missing from the database`);
    for (const entry of page) this.head.push(entry);
    this.budget.resident += page.length;
    this.pages = { count: count - page.length, first: end.message.id + 1, last };
  }

  /** Its parts in order. */
  segments(): Segment[] {
    return [this.head, this.pages, this.tail];
  }

  /** Puts entries back where they were; they are in the order of messages. */
  restore(entries: readonly Entry[]): void {
    this.head.restore(entries);
    this.budget.resident += entries.length;
  }

  /** Takes over what was on disk when the broker started. */
  restorePages(pages: Pages): void {
    this.pages = pages;
  }

  /** Empties it: entries in memory one by one, pages as a whole. */
  clear(onEntry: (entry: Entry) => void, onPages: (pages: Pages) => void): void {
    const { head, tail, pages } = this;
    this.budget.resident -= head.length + tail.length;
    this.head = new Ring();
    this.tail = new Ring();
    this.pages = NO_PAGES;
    for (const entry of head.newest(head.length)) onEntry(entry);
    if (pages.count > 0) onPages(pages);
    for (const entry of tail.newest(tail.length)) onEntry(entry);
  }
}
