/**
 * Holds what is acknowledged and not yet in a day file, and flushes it: after `flushMs`, when there is
 * much of it, or when a refresh asks. Owns the journal, whose files go once their documents are in the
 * day files.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Catalog, Index } from '../catalog/catalog.js';
import type { Database } from './database.js';
import { flush } from './flush.js';
import type { Identities } from './identity.js';
import { Journal } from './journal.js';
import { type PendingDocument, PendingSet } from './pending.js';

/** Pending bytes at which writes wait for the flush. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;
/** Pending documents at which a flush does not wait for its time. */
const PENDING_DOCUMENTS_FLUSH = 20_000;
const JOURNAL_FILE_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1000;

/** What a {@link Flusher} works with. */
export interface FlusherOptions {
  directory: string;
  /** How long an acknowledged document may wait before searches find it, in ms. */
  flushMs: number;
  catalog: Catalog;
  database: Database;
  identities: Identities;
  log?: Logger | undefined;
}

/** Flushes pending documents. */
export class Flusher {
  private readonly options: FlusherOptions;
  private readonly journal: Journal;
  private current = new PendingSet();
  private flushing: PendingSet | undefined;
  private run: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosing = false;

  private constructor(options: FlusherOptions, journal: Journal) {
    this.options = options;
    this.journal = journal;
  }

  /** Opens the journal; gives what is in it besides. */
  static async open(options: FlusherOptions): Promise<{ flusher: Flusher; payloads: Buffer[] }> {
    const rows = join(options.directory, 'rows');
    await rm(rows, { recursive: true, force: true });
    await mkdir(rows, { recursive: true });
    const { journal, payloads } = await Journal.open(options.directory);
    return { flusher: new Flusher(options, journal), payloads };
  }

  /** Makes a payload durable. */
  append(payload: string): Promise<void> {
    return this.journal.append(payload);
  }

  /** The last word on an id that no day file has yet. */
  get(index: Index, id: string): PendingDocument | undefined {
    return this.current.get(index, id) ?? this.flushing?.get(index, id);
  }

  /** Whether the last word on an id waits for the next flush, not the one under way. */
  isWaiting(index: Index, id: string): boolean {
    return this.current.get(index, id) !== undefined;
  }

  put(document: PendingDocument): void {
    this.current.put(document);
  }

  /** Waits while there is more pending than may be. */
  async room(): Promise<void> {
    while (this.current.bytes > PENDING_BYTES_MAX) await this.start();
  }

  /** Sees to it that what has been put is flushed in time. */
  schedule(): void {
    if (this.current.documents === 0) return;
    if (this.current.documents >= PENDING_DOCUMENTS_FLUSH) void this.start();
    else this.timer ??= setTimeout(this.due, this.options.flushMs);
  }

  /** A timer that has fired is none: the flush under way may have begun before what it was set for. */
  private readonly due = (): void => {
    this.timer = undefined;
    void this.start();
  };

  /** Makes everything that has been put visible to searches. */
  async refresh(): Promise<void> {
    const [set, before] = [this.current, this.run];
    await before;
    if (set.documents === 0) return;
    while (this.current === set || this.flushing === set) await this.start();
  }

  private start(): Promise<void> {
    this.run ??= this.flush().finally(() => {
      this.run = undefined;
      if (!this.isClosing) this.schedule();
    });
    return this.run;
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const isFull = this.journal.bytes > JOURNAL_FILE_BYTES;
    const upTo = isFull ? await this.journal.rotate() : 0;
    this.flushing = this.current;
    this.current = new PendingSet();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.flushOnce(this.flushing);
        break;
      } catch (error) {
        if (attempt === 1)
          this.options.log?.error(
            { err: error },
            'pending documents cannot be written to their day files; they stay in the journal and are tried again',
          );
        if (this.isClosing) throw error;
        await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.flushing = undefined;
    if (isFull) await this.journal.discard(upTo);
  }

  private async flushOnce(set: PendingSet): Promise<void> {
    const { catalog, database, identities, directory } = this.options;
    for (const [index, documents] of set.byIndex) {
      for (const { source, day } of documents.values()) {
        if (source === undefined || index.days.has(day)) continue;
        index.days.add(day);
        catalog.changed();
      }
    }
    await catalog.save();
    await flush(set, database, identities, join(directory, 'rows'));
  }

  /** Flushes everything and empties the journal. Call while nothing is being put. */
  async empty(): Promise<void> {
    await this.refresh();
    const upTo = await this.journal.rotate();
    await this.options.catalog.save();
    await this.journal.discard(upTo);
  }

  /** Flushes and closes. What cannot be flushed stays in the journal. */
  async close(): Promise<void> {
    this.isClosing = true;
    clearTimeout(this.timer);
    await this.empty();
  }
}
