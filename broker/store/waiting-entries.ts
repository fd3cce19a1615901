/** Entries that are to be written, in order, and which of them a batch takes. */
import { imageBytes } from '../protocol/content-assembler.js';
import type { BatchEncoder } from './batch.js';
import type { Entry, Message } from './message.js';

/** Contents in one batch; the rest goes into the next. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;

export class WaitingEntries {
  /** The contents that wait. */
  bytes = 0;
  /** How many entries have ever waited, and how many of these wait no more. */
  inserted = 0;
  encoded = 0;
  private entries: Entry[] = [];
  private from = 0;

  get length(): number {
    return this.entries.length - this.from;
  }

  add(entry: Entry): void {
    const { message } = entry;
    if (message.unwritten === 0) {
      this.bytes += imageBytes(message.headerBytes, message.bodyBytes);
      message.credit?.take(message.headerBytes + message.bodyBytes);
    }
    message.unwritten++;
    entry.state = 'waiting';
    this.entries.push(entry);
    this.inserted++;
  }

  /** Moves entries into a batch; returns those, as far as they were not settled meanwhile. */
  encode(batch: BatchEncoder): Entry[] {
    const writing: Entry[] = [];
    const { entries } = this;
    // Entries of one message stand together and are not parted; the message is written with the first.
    let last: Message | undefined;
    let copies = 0;
    let at = this.from;
    for (; at < entries.length; at++) {
      const entry = entries[at] as Entry;
      const { message } = entry;
      if (message !== last && batch.contentBytes >= BATCH_BYTES_MAX) break;
      if (entry.state !== 'waiting') continue;
      if (message !== last) {
        if (last?.shared) batch.share(last, copies);
        batch.message(message);
        last = message;
        copies = 0;
      }
      copies++;
      batch.entry(entry);
      entry.state = 'writing';
      writing.push(entry);
    }
    if (last?.shared) batch.share(last, copies);
    this.encoded += at - this.from;
    this.from = at;
    if (at < entries.length) {
      this.bytes = Math.max(0, this.bytes - batch.contentBytes);
      this.forget();
    } else {
      this.entries = [];
      this.from = 0;
      this.bytes = 0;
    }
    return writing;
  }

  /** Lets go of what went into batches, now and then: there may always be more that waits. */
  private forget(): void {
    if (this.from < this.length) return;
    this.entries = this.entries.slice(this.from);
    this.from = 0;
  }
}
