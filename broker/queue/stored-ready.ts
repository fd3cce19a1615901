/** How the ready messages of a queue stand to the disk: left there while a queue is long, and recovered. */

import { Entry as QueueEntry } from '../store/message.js';
import type { StoredEntry } from '../store/page-reader.js';
import type { StoredQueueState } from '../store/recovery.js';
import type { Consumer } from './consumer.js';
import type { Entry } from './entry.js';
import type { HeadExpiry } from './head-expiry.js';
import { PagedRing } from './paged-ring.js';
import type { Queue } from './queue.js';
import type { QueueHost } from './queue-host.js';
import { FifoReadyList, PriorityReadyList, type ReadyEntries } from './ready-list.js';

/** A ring that leaves its middle to the disk. */
export function makeRing(host: QueueHost, queue: Queue): PagedRing {
  const { store, pageBudget } = host;
  return new PagedRing(pageBudget, {
    spill: (entry) => store.spill(entry),
    readPage: (first, last) =>
      store.readPage(queue, first, last, queue.pagedBelow).map((stored) => queue.entryOf(stored)),
  });
}

/** Of a classic queue: with priorities all of it is in memory. */
export function makeClassicReady(host: QueueHost, queue: Queue): ReadyEntries {
  const { priorityMax } = queue.settings;
  return priorityMax > 0 ? new PriorityReadyList(priorityMax) : new FifoReadyList(makeRing(host, queue));
}

/** Makes an entry of what was read; up to a message all had been handed out when the broker stopped. */
export function makeEntry(queue: Queue, stored: StoredEntry, deliveredUpTo: number): Entry {
  const entry: Entry = new QueueEntry<Queue, Consumer>(queue, stored.message, stored.expiresAt);
  entry.redelivered = stored.message.id <= deliveredUpTo;
  entry.state = 'stored';
  entry.spilled = stored.spilled;
  return entry;
}

/**
 * Fills a list with what was on disk: as counts and bounds where entries may stay there, else one by one.
 *
 * @returns the bytes of it all
 */
export function recoverReady(
  queue: Queue,
  ready: ReadyEntries,
  stored: StoredQueueState,
  expiry: HeadExpiry,
): number {
  const { restorePages } = ready;
  let bytes = 0;
  for (const one of stored.entries(restorePages === undefined ? 0 : queue.pagedBelow)) {
    ready.push(queue.entryOf(one));
    bytes += one.message.bodyBytes;
    expiry.note(one.expiresAt);
  }
  if (restorePages === undefined) return bytes;
  const summary = stored.summary(queue.pagedBelow);
  restorePages(summary.pages);
  expiry.note(summary.expiresAtLast);
  return bytes + summary.bytes;
}
