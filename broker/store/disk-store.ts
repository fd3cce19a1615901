/**
 * The store on disk: collects what is to be written, hands it to the writer thread a batch at a time,
 * and tells publishers when their messages are safe.
 *
 * Batches form by themselves: while one is being written the next collects, so that one message on an
 * idle broker waits for one fsync and no timer. An entry that is settled before its batch is handed
 * over is never written at all.
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { imageBytes } from '../protocol/content-assembler.js';
import { BatchEncoder } from './batch.js';
import { ContentMemory } from './content-memory.js';
import { ContentReader } from './content-reader.js';
import type { DataDirectory } from './data-directory.js';
import type { Entry, Message, StoredQueue } from './message.js';
import type { Change, Store } from './store.js';
import type { WriterReply } from './writer-thread.js';

/** Contents in one batch; the rest goes into the next. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** Beyond this publishers are made to wait, until it is below half. */
const WAITING_BYTES_MAX = 48 * 1024 * 1024;

/** How long what was settled may wait for a batch of its own. */
const SETTLED_MS_MAX = 10;

export class DiskStore implements Store {
  saturated = false;
  onRelieved: (() => void) | undefined = undefined;
  onFailing: ((failing: boolean) => void) | undefined = undefined;

  private readonly directory: DataDirectory;
  private readonly worker: Worker;
  private readonly log: Logger | undefined;
  private readonly contents: ContentReader;
  private readonly memory = new ContentMemory();

  private changes: Change[] = [];
  private waiting: Entry[] = [];
  private waitingFrom = 0;
  /** How many entries have ever waited, and how many of these wait no more. */
  private inserted = 0;
  private encoded = 0;
  private settledEntries: Entry[] = [];
  /** For each settled entry, how many had been inserted before: it is gone only once these are there. */
  private settledMarks: number[] = [];
  private readonly updated = new Set<Entry>();
  private readonly watermarks = new Map<number, number>();
  private callbacks: (() => void)[] = [];
  private waitingBytes = 0;

  private writing: Entry[] = [];
  private writingBytes = 0;
  private writingCallbacks: (() => void)[] = [];
  private busy = false;
  private scheduled = false;
  private failing = false;
  private later: NodeJS.Timeout | undefined;
  private readonly dispatch = (): void => this.dispatchBatch();

  constructor(directory: DataDirectory, log: Logger | undefined) {
    this.directory = directory;
    this.log = log;
    this.contents = new ContentReader(directory.database);
    this.worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
      workerData: { path: directory.databasePath },
      // What the process was started with (--cpu-prof, say) is not for its threads.
      execArgv: [],
    });
    this.worker.on('message', (reply: WriterReply) => this.answered(reply));
    // A dead writer can confirm nothing more: better to stop than to take in what would be lost.
    this.worker.on('error', (error) => {
      throw error;
    });
  }

  insert(entry: Entry): void {
    const { message } = entry;
    if (message.unwritten === 0) this.waitingBytes += imageBytes(message.headerBytes, message.bodyBytes);
    message.unwritten++;
    entry.state = 'waiting';
    this.waiting.push(entry);
    this.inserted++;
    if (this.waitingBytes > WAITING_BYTES_MAX) this.saturated = true;
    this.schedule();
  }

  settle(entry: Entry): void {
    switch (entry.state) {
      case 'waiting':
        entry.state = 'settled';
        entry.message.written();
        return;
      case 'writing':
      case 'stored':
        entry.state = 'settled';
        this.settledEntries.push(entry);
        this.settledMarks.push(this.inserted);
        this.scheduleLater();
        return;
      default:
        return;
    }
  }

  settleAfter(entry: Entry, successor: Message): void {
    if (entry.state !== 'waiting' || successor.unwritten === 0) {
      // What is settled later than another was inserted is written no earlier: see settledMarks.
      this.settle(entry);
      return;
    }
    // It need not be written any more, but its publisher is confirmed only once the other is safe.
    entry.state = 'settled';
    const { message } = entry;
    successor.confirmer = { confirm: () => message.written() };
  }

  delivered(entry: Entry): void {
    if (entry.state === 'memory' || entry.state === 'settled') return;
    if (entry.deliveries > 1) this.update(entry);
    const known = this.watermarks.get(entry.queue.id);
    if (known !== undefined && known >= entry.message.id) return;
    this.watermarks.set(entry.queue.id, entry.message.id);
    this.scheduleLater();
  }

  update(entry: Entry): void {
    // An entry that waits is written with what is known of it by then.
    if (entry.state !== 'writing' && entry.state !== 'stored') return;
    this.updated.add(entry);
    this.scheduleLater();
  }

  change(change: Change): void {
    this.changes.push(change);
    this.schedule();
  }

  whenWritten(callback: () => void): void {
    if (this.idle()) callback();
    else {
      this.callbacks.push(callback);
      this.schedule();
    }
  }

  load(message: Message, queue: StoredQueue): void {
    if (message.buffer === undefined) this.contents.load(message, queue);
  }

  async close(): Promise<void> {
    // What is written may let something else be settled.
    while (!this.idle()) await new Promise<void>((resolve) => this.whenWritten(resolve));
    await new Promise<void>((resolve) => {
      this.worker.once('exit', () => resolve());
      this.worker.postMessage('close');
    });
    this.directory.close();
  }

  private idle(): boolean {
    return !this.busy && !this.pending();
  }

  /** Whether anyone waits for what is to be written. */
  private awaited(): boolean {
    return this.waiting.length > this.waitingFrom || this.changes.length > 0 || this.callbacks.length > 0;
  }

  private pending(): boolean {
    return (
      this.awaited() || this.settledEntries.length > 0 || this.watermarks.size > 0 || this.updated.size > 0
    );
  }

  /** At the end of this turn of the event loop, so that what one read brought goes into one batch. */
  private schedule(): void {
    if (this.busy || this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.dispatch);
  }

  /** Nobody waits for what is gone: it goes along with the next batch, or after a while by itself. */
  private scheduleLater(): void {
    if (this.busy || this.scheduled || this.later !== undefined) return;
    this.later = setTimeout(this.dispatch, SETTLED_MS_MAX);
  }

  private dispatchBatch(): void {
    this.scheduled = false;
    clearTimeout(this.later);
    this.later = undefined;
    if (this.busy || !this.pending()) return;
    const batch = new BatchEncoder();
    let content = this.changes.length > 0;
    for (const change of this.changes) batch.change(change);
    this.changes = [];
    this.encodeWaiting(batch);
    content ||= this.writing.length > 0 || this.settledEntries.length > 0;
    content ||= this.watermarks.size > 0 || this.updated.size > 0;
    this.encodeSettled(batch);
    for (const entry of this.updated) if (entry.state !== 'settled') batch.update(entry);
    this.updated.clear();
    for (const [queue, message] of this.watermarks) batch.watermark(queue, message);
    this.watermarks.clear();
    // Whoever waits for what did not fit into this batch waits for the next.
    if (this.waiting.length === 0) {
      this.writingCallbacks = this.callbacks;
      this.callbacks = [];
    }
    this.busy = true;
    if (!content) {
      this.answered({ said: 'written' });
      return;
    }
    const block = batch.finish();
    this.worker.postMessage(block, [block.buffer]);
  }

  private encodeWaiting(batch: BatchEncoder): void {
    let at = this.waitingFrom;
    for (; at < this.waiting.length && batch.contentBytes < BATCH_BYTES_MAX; at++) {
      const entry = this.waiting[at] as Entry;
      if (entry.state !== 'waiting') continue;
      const { message } = entry;
      if (message.rows === 0) batch.message(message);
      message.rows++;
      batch.entry(entry);
      entry.state = 'writing';
      this.writing.push(entry);
    }
    if (at < this.waiting.length) {
      // Entries of one message stand together; the message itself is written with the first.
      this.encoded += at - this.waitingFrom;
      this.waitingFrom = at;
      this.writingBytes = batch.contentBytes;
      this.waitingBytes = Math.max(0, this.waitingBytes - this.writingBytes);
    } else {
      this.encoded = this.inserted;
      this.waiting = [];
      this.waitingFrom = 0;
      this.writingBytes = this.waitingBytes;
      this.waitingBytes = 0;
    }
  }

  private encodeSettled(batch: BatchEncoder): void {
    const { settledEntries, settledMarks, encoded } = this;
    let at = 0;
    for (; at < settledEntries.length && (settledMarks[at] as number) <= encoded; at++) {
      const entry = settledEntries[at] as Entry;
      batch.settle(entry);
      entry.message.rows--;
      if (entry.message.rows === 0) batch.orphan(entry.message);
    }
    this.settledEntries = at === settledEntries.length ? [] : settledEntries.slice(at);
    this.settledMarks = at === settledMarks.length ? [] : settledMarks.slice(at);
  }

  private answered(reply: WriterReply): void {
    if (reply.said === 'failed') {
      if (this.failing) return;
      this.failing = true;
      this.log?.error({ reason: reply.reason }, 'The broker cannot write to its disk');
      this.onFailing?.(true);
      return;
    }
    if (this.failing) {
      this.failing = false;
      this.log?.info('The broker writes to its disk again');
      this.onFailing?.(false);
    }
    this.busy = false;
    const { writing, writingCallbacks } = this;
    this.writing = [];
    this.writingCallbacks = [];
    this.writingBytes = 0;
    const short = this.memory.isShort();
    for (const entry of writing) {
      const { message } = entry;
      if (entry.state === 'writing') {
        entry.state = 'stored';
        if ((short || entry.queue.pagesOut) && entry.consumer === undefined && !message.pinned)
          message.buffer = undefined;
      }
      message.written();
    }
    for (const callback of writingCallbacks) callback();
    if (this.saturated && this.waitingBytes < WAITING_BYTES_MAX / 2) {
      this.saturated = false;
      this.onRelieved?.();
    }
    if (this.awaited()) this.dispatchBatch();
    else if (this.pending()) this.scheduleLater();
  }
}
