/**
 * The store on disk: collects what is to be written, hands it to the writer thread a batch at a time,
 * and tells publishers when their messages are safe.
 *
 * Batches form by themselves: while one is being written the next collects, so that one message on an
 * idle broker waits for one fsync and no timer. An entry that is settled before its batch is handed
 * over is never written at all.
 */
import type { Logger } from 'pino';
import { AddressBook } from './address-book.js';
import { BatchEncoder } from './batch.js';
import { endsUnless } from './closing.js';
import { ContentMemory } from './content-memory.js';
import { ContentReader } from './content-reader.js';
import type { DataDirectory } from './data-directory.js';
import { type Entry, type Message, type StoredQueue, spillNumber } from './message.js';
import { PageReader, type StoredEntry } from './page-reader.js';
import type { Change, Store } from './store.js';
import { StoreHealth } from './store-health.js';
import type { Sweep } from './sweep.js';
import { Sweeps } from './sweeps.js';
import { unattended } from './unattended.js';
import { WaitingEntries } from './waiting-entries.js';
import { Writer } from './writer.js';
import type { WriterReply } from './writer-thread.js';

/** How long what was settled may wait for a batch of its own. */
const SETTLED_MS_MAX = 10;

export class DiskStore implements Store {
  onFailing: ((failing: boolean) => void) | undefined = undefined;
  onFatal: ((error: Error) => void) | undefined = undefined;

  private readonly directory: DataDirectory;
  private readonly writer: Writer;
  private readonly health: StoreHealth;
  private readonly contents: ContentReader;
  private readonly pages: PageReader;
  private readonly memory = new ContentMemory();

  private changes: Change[] = [];
  private readonly waiting = new WaitingEntries();
  private settledEntries: Entry[] = [];
  /** For each settled entry, how many had been inserted before: it is gone only once these are there. */
  private settledMarks: number[] = [];
  private readonly updated = new Set<Entry>();
  private readonly watermarks = new Map<number, number>();
  private callbacks: (() => void)[] = [];
  private readonly sweeps: Sweeps;

  private writing: Entry[] = [];
  private writingBytes = 0;
  private writingCallbacks: (() => void)[] = [];
  private busy = false;
  private scheduled = false;
  private later: NodeJS.Timeout | undefined;
  private readonly dispatch = (): void => this.dispatchBatch();

  /** @param leftovers entries that the last run left behind, to be taken out */
  constructor(directory: DataDirectory, log: Logger | undefined, leftovers: readonly Sweep[]) {
    this.directory = directory;
    this.health = new StoreHealth(this, directory.databasePath, log);
    this.sweeps = new Sweeps(leftovers);
    const addresses = new AddressBook();
    this.contents = new ContentReader(directory.database, addresses);
    this.pages = new PageReader(directory.database, addresses);
    // A dead writer can confirm nothing more: better to stop than to take in what would be lost.
    const onDeath = (error: Error): void => this.health.died(error);
    this.writer = new Writer(
      directory.databasePath,
      (reply) => unattended(() => this.answered(reply)),
      onDeath,
    );
    directory.watchFiles(onDeath);
    if (this.pending()) this.scheduleLater();
  }

  get unwrittenBytes(): number {
    return this.waiting.bytes + this.writingBytes;
  }

  insert(entry: Entry): void {
    this.waiting.add(entry);
    this.schedule();
  }

  spill(entry: Entry): void {
    entry.spilled = true;
    this.insert(entry);
  }

  readPage(queue: StoredQueue, first: number, last: number, below: number): StoredEntry[] {
    try {
      return this.pages.read(queue.id, first, last, below);
    } catch (error) {
      throw this.health.fail(error);
    }
  }

  readPageIds(queue: StoredQueue, first: number, last: number, below: number): number[] {
    return this.pages.ids(queue.id, first, last, below);
  }

  dropPages(queue: StoredQueue, first: number, last: number, below: number, deleted: boolean): void {
    for (const number of [queue.id, spillNumber(queue.id)]) {
      const sweep = { queue: number, first, last, below, dead: false };
      // What a deleted queue leaves is found at the next start; what is purged has to be told from the rest.
      if (!deleted) this.change({ do: 'put-purge', ...sweep });
      this.sweeps.add(sweep);
    }
    this.scheduleLater();
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
        this.settledMarks.push(this.waiting.inserted);
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
    if (message.buffer !== undefined) return;
    try {
      this.contents.load(message, queue);
    } catch (error) {
      throw this.health.fail(error);
    }
  }

  async close(): Promise<void> {
    // What is not swept yet is at the next start.
    this.sweeps.abandon();
    const { health } = this;
    const over = Promise.race([this.allWritten(), health.ended]);
    if ((await endsUnless(over, () => health.failing)) && health.fatal === undefined) {
      await this.writer.close();
      this.directory.endRun();
    } else {
      health.givenUp(this.writing.length + this.waiting.length);
      await this.writer.terminate();
    }
    this.directory.close();
  }

  private async allWritten(): Promise<void> {
    // What is written may let something else be settled.
    while (!this.idle()) await new Promise<void>((resolve) => this.whenWritten(resolve));
  }

  private idle(): boolean {
    return !this.busy && !this.pending();
  }

  /** Whether anyone waits for what is to be written. */
  private awaited(): boolean {
    return this.waiting.length > 0 || this.changes.length > 0 || this.callbacks.length > 0;
  }

  private pending(): boolean {
    const gone = this.settledEntries.length > 0 || this.sweeps.length > 0;
    return this.awaited() || gone || this.watermarks.size > 0 || this.updated.size > 0;
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
    if (this.busy || this.health.fatal !== undefined || !this.pending()) return;
    const batch = new BatchEncoder();
    const sweep = this.sweeps.begin();
    let content = this.changes.length > 0 || sweep !== undefined;
    for (const change of this.changes) batch.change(change);
    if (sweep !== undefined) batch.change({ do: 'sweep', ...sweep });
    this.changes = [];
    this.writing = this.waiting.encode(batch);
    this.writingBytes = batch.contentBytes;
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
      this.answered({ said: 'written', sweptTo: undefined });
      return;
    }
    const block = batch.finish();
    this.writer.write(block);
  }

  private encodeSettled(batch: BatchEncoder): void {
    const { settledEntries, settledMarks } = this;
    const { encoded } = this.waiting;
    let at = 0;
    for (; at < settledEntries.length && (settledMarks[at] as number) <= encoded; at++) {
      const entry = settledEntries[at] as Entry;
      batch.settle(entry);
      batch.release(entry.message);
    }
    this.settledEntries = at === settledEntries.length ? [] : settledEntries.slice(at);
    this.settledMarks = at === settledMarks.length ? [] : settledMarks.slice(at);
  }

  private answered(reply: WriterReply): void {
    if (!this.health.take(reply)) return;
    this.busy = false;
    const { writing, writingCallbacks } = this;
    this.writing = [];
    this.writingBytes = 0;
    this.writingCallbacks = [];
    const swept = this.sweeps.stepped(reply.sweptTo);
    if (swept !== undefined) this.changes.push(swept);
    const short = this.memory.isShort();
    for (const entry of writing) {
      const { message } = entry;
      if (entry.state === 'writing') {
        entry.state = 'stored';
        // Other queues' entries of it may wait for the next batch, which it is written with again.
        const needed = message.pinned || entry.consumer !== undefined || message.unwritten > 1;
        if (short && !needed) message.buffer = undefined;
      }
      message.written();
    }
    for (const callback of writingCallbacks) callback();
    if (this.awaited()) this.dispatchBatch();
    else if (this.pending()) this.scheduleLater();
  }
}
