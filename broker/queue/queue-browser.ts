/**
 * Looks at the ready messages of a queue without taking them out: their order, their count of deliveries
 * and what is in memory stay as they are. It goes on step by step, each of which takes a bounded time,
 * whatever the length of the queue; what is taken out or put back between two steps may be seen or not.
 */
import type { Message } from '../store/message.js';
import type { Store } from '../store/store.js';
import type { Entry } from './entry.js';
import type { Queue } from './queue.js';
import type { ReadyEntries } from './ready-list.js';
import { isOnDisk, type Segment } from './segment.js';

/** Of those in memory; as many as are read from the disk in one go. */
const STEP_ENTRIES = 256;

export class QueueBrowser {
  private readonly queue: Queue;
  private readonly store: Store;
  private readonly ready: ReadyEntries;
  /** Which part of the queue it is in, and where: an index, or of what is on disk the next message. */
  private part = 0;
  private next = 0;

  constructor(queue: Queue, store: Store) {
    this.queue = queue;
    this.store = store;
    this.ready = queue.ready;
  }

  /** The part that it is in, once those that are over are left behind. */
  private segment(): Segment | undefined {
    const segments = this.queue.deleted ? [] : this.ready.segments();
    for (let segment = segments[this.part]; segment !== undefined; segment = segments[this.part]) {
      const over = isOnDisk(segment)
        ? segment.count === 0 || this.next > segment.last
        : this.next >= segment.length;
      if (!over) return segment;
      this.part++;
      this.next = 0;
    }
    return undefined;
  }

  /** Passes some over, so many at most; returns how many, 0 only at the end. */
  skip(count: number): number {
    const segment = this.segment();
    if (segment === undefined) return 0;
    if (!isOnDisk(segment)) {
      const passed = Math.min(count, segment.length - this.next);
      this.next += passed;
      return passed;
    }
    const { queue } = this;
    const first = Math.max(this.next, segment.first);
    const ids = this.store.readPageIds(queue, first, segment.last, queue.pagedBelow);
    const passed = Math.min(count, ids.length);
    this.next = passed === 0 ? segment.last + 1 : (ids[passed - 1] as number) + 1;
    return passed === 0 ? this.skip(count) : passed;
  }

  /** The next few entries, some hundred at most; none only at the end. They are not to be changed. */
  read(): Entry[] {
    const segment = this.segment();
    if (segment === undefined) return [];
    if (!isOnDisk(segment)) {
      const entries: Entry[] = [];
      while (entries.length < STEP_ENTRIES && this.next < segment.length) {
        entries.push(segment.at(this.next++) as Entry);
      }
      return entries;
    }
    const { queue } = this;
    const first = Math.max(this.next, segment.first);
    const page = this.store.readPage(queue, first, segment.last, queue.pagedBelow);
    const last = page.at(-1);
    this.next = last === undefined ? segment.last + 1 : last.message.id + 1;
    return last === undefined ? this.read() : page.map((stored) => queue.entryOf(stored));
  }

  /** Works with a message's content, which is in memory for that long only, unless it was before. */
  withContent<Result>(message: Message, work: (message: Message) => Result): Result {
    if (message.buffer !== undefined) return work(message);
    this.store.load(message, this.queue);
    try {
      return work(message);
    } finally {
      message.buffer = undefined;
    }
  }
}
