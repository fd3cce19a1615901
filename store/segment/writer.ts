/**
 * The one way in: takes operations in order, gives each its own outcome, journals what was accepted
 * and flushes it to the day files within `flushMs`.
 *
 * An outcome is given after the journal is on the disk. Not responsible for what a body looks like
 * (api/bulk.ts), nor for reading back (search/).
 */
import type { Logger } from 'pino';
import type { Catalog, Index } from '../catalog/catalog.js';
import { writeTarget } from '../catalog/creation.js';
import { ApiError } from '../errors.js';
import type { Database } from './database.js';
import type { StoredIdentity } from './day-file.js';
import { Flusher } from './flusher.js';
import { Identities } from './identity.js';
import { journalled, type Operation, type Outcome, prepare } from './operation.js';
import type { PendingDocument } from './pending.js';

const SEQUENCES_RESERVED = 1_000_000;
const OPERATIONS_A_TURN = 250;

/** Options of a {@link Writer}. */
export interface WriterOptions {
  directory: string;
  /** How long an acknowledged document may wait before searches find it, in ms. */
  flushMs: number;
  log?: Logger | undefined;
}

/** A document as it is now. */
export interface CurrentDocument {
  source: string;
  version: number;
  sequence: number;
}

/** Writes documents. */
export class Writer {
  readonly identities: Identities;
  private readonly catalog: Catalog;
  private readonly database: Database;
  private readonly flusher: Flusher;
  private lock: Promise<unknown> = Promise.resolve();
  private nextSequence = 1;
  private isClosing = false;

  private constructor(catalog: Catalog, database: Database, identities: Identities, flusher: Flusher) {
    this.catalog = catalog;
    this.database = database;
    this.identities = identities;
    this.flusher = flusher;
    this.nextSequence = catalog.sequenceReserved;
  }

  /** Opens the journal and brings what it holds into the day files. */
  static async open(catalog: Catalog, database: Database, options: WriterOptions): Promise<Writer> {
    const identities = new Identities(database);
    const { flusher, payloads } = await Flusher.open({ ...options, catalog, database, identities });
    const writer = new Writer(catalog, database, identities, flusher);
    for (const payload of payloads) await writer.replay(payload);
    writer.reserveReplayed();
    await flusher.empty();
    return writer;
  }

  /** Runs a step while no write is under way. */
  exclusively<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.lock.then(step, step);
    this.lock = turn.catch(() => undefined);
    return turn;
  }

  /** Applies operations in order. Resolves when every accepted one is durable. */
  async write(operations: readonly Operation[]): Promise<Outcome[]> {
    if (this.isClosing) throw new ApiError(503, 'node_closed_exception', 'the store is stopping');
    const { outcomes, durable } = await this.exclusively(async () => {
      const applied = await this.apply(operations);
      return {
        outcomes: applied.outcomes,
        durable: applied.journalled === '' ? [] : [this.flusher.append(applied.journalled)],
      };
    });
    await Promise.all(durable);
    return outcomes;
  }

  private async apply(
    operations: readonly Operation[],
  ): Promise<{ outcomes: Outcome[]; journalled: string }> {
    await this.flusher.room();
    const indicesBefore = this.catalog.indices.size;
    const targets = this.resolveTargets(operations);
    if (this.catalog.indices.size !== indicesBefore) await this.catalog.save();
    const stored = await this.lookUp(operations, targets);
    const outcomes: Outcome[] = [];
    const lines: string[] = [];
    for (const [position, operation] of operations.entries()) {
      if (position % OPERATIONS_A_TURN === OPERATIONS_A_TURN - 1)
        await new Promise<void>((resolve) => setImmediate(resolve));
      const target = targets[position];
      if (target === undefined || target instanceof ApiError) {
        outcomes.push({
          operation,
          index: operation.index,
          id: operation.id ?? '',
          error: target ?? new Error('no target'),
        });
        continue;
      }
      const outcome = await this.applyOne(operation, target, stored);
      outcomes.push(outcome);
      if (outcome.journalLine !== undefined) lines.push(outcome.journalLine);
    }
    this.flusher.schedule();
    return { outcomes, journalled: lines.join('') };
  }

  private resolveTargets(operations: readonly Operation[]): (Index | ApiError)[] {
    const resolved = new Map<string, Index | ApiError>();
    return operations.map((operation) => {
      const key = `${operation.action} ${operation.index}`;
      let target = resolved.get(key);
      if (target === undefined) {
        try {
          target = writeTarget(this.catalog, operation.index, operation.action);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          target = error;
        }
        resolved.set(key, target);
      }
      return target;
    });
  }

  private async lookUp(
    operations: readonly Operation[],
    targets: readonly (Index | ApiError)[],
  ): Promise<Map<Index, Map<string, StoredIdentity>>> {
    const unknown = new Map<Index, string[]>();
    for (const [position, { id }] of operations.entries()) {
      const index = targets[position];
      if (index === undefined || index instanceof ApiError) continue;
      const ids = unknown.get(index) ?? [];
      unknown.set(index, ids);
      if (id === undefined || this.pending(index, id) !== undefined) continue;
      ids.push(id);
    }
    const stored = new Map<Index, Map<string, StoredIdentity>>();
    for (const [index, ids] of unknown) {
      await this.identities.recentOf(index);
      stored.set(index, await this.identities.find(index, ids));
    }
    return stored;
  }

  private async applyOne(
    operation: Operation,
    index: Index,
    stored: Map<Index, Map<string, StoredIdentity>>,
  ): Promise<Outcome> {
    const { id } = operation;
    const pending = id === undefined ? undefined : this.pending(index, id);
    const before = pending ?? (id === undefined ? undefined : this.storedNow(index, id, stored));
    const isRemoved = pending !== undefined && pending.source === undefined;
    const existing = isRemoved ? undefined : before;
    const source =
      operation.action === 'update' && existing !== undefined
        ? (await this.documentNow(index, id ?? ''))?.source
        : undefined;
    const outcome = prepare(operation, index, existing, source, () => this.sequence());
    if (outcome.document === undefined) return outcome;
    if (outcome.mappingChanged === true) this.catalog.changed();
    outcome.document.supersedes = this.superseded(index, outcome.document.id, before);
    this.flusher.put(outcome.document);
    return outcome;
  }

  private superseded(
    index: Index,
    id: string,
    before: PendingDocument | StoredIdentity | undefined,
  ): StoredIdentity | undefined {
    if (before === undefined || this.flusher.isWaiting(index, id)) return undefined;
    if ('source' in before && before.source === undefined) return undefined;
    return { day: before.day, sequence: before.sequence, version: before.version };
  }

  private storedNow(
    index: Index,
    id: string,
    stored: Map<Index, Map<string, StoredIdentity>>,
  ): StoredIdentity | undefined {
    const known = this.identities.known(index, id);
    if (known === 'absent') return undefined;
    return known === 'unknown' ? stored.get(index)?.get(id) : known;
  }

  /** A document that is not in a day file yet. */
  pending(index: Index, id: string): PendingDocument | undefined {
    return this.flusher.get(index, id);
  }

  /** A document as of now, stored or pending. */
  document(index: Index, id: string): Promise<CurrentDocument | undefined> {
    return this.exclusively(() => this.documentNow(index, id));
  }

  private async documentNow(index: Index, id: string): Promise<CurrentDocument | undefined> {
    const pending = this.pending(index, id);
    if (pending !== undefined)
      return pending.source === undefined ? undefined : { ...pending, source: pending.source };
    const identity = (await this.identities.find(index, [id])).get(id);
    if (identity === undefined) return undefined;
    const day = await this.database.day(identity.day);
    try {
      const source = await day.source(this.database.lookup, index.number, identity.sequence);
      return source === undefined ? undefined : { ...identity, source };
    } finally {
      day.release();
    }
  }

  private sequence(): number {
    if (this.nextSequence >= this.catalog.sequenceReserved) {
      this.catalog.sequenceReserved = this.nextSequence + SEQUENCES_RESERVED;
      this.catalog.changed();
    }
    return this.nextSequence++;
  }

  /** Makes everything that has been acknowledged visible to searches. */
  refresh(): Promise<void> {
    return this.flusher.refresh();
  }

  /** Applies a journal frame after a restart; what is in the day files already is left alone. */
  private async replay(payload: Buffer): Promise<void> {
    const operations = journalled(payload.toString());
    for (const { replayed } of operations) {
      if (replayed !== undefined) this.nextSequence = Math.max(this.nextSequence, replayed.sequence + 1);
    }
    await this.exclusively(() => this.apply(operations));
  }

  /**
   * Keeps the numbers that the journal told of from being given out again. Where the crash came before
   * the first flush the catalog does not know of them, and once the journal is empty nothing else would.
   */
  private reserveReplayed(): void {
    if (this.nextSequence <= this.catalog.sequenceReserved) return;
    this.catalog.sequenceReserved = this.nextSequence;
    this.catalog.changed();
  }

  /** Forgets an index that is being deleted, in the journal too. Call within {@link exclusively}. */
  async forget(index: Index): Promise<void> {
    await this.flusher.empty();
    this.identities.forget(index);
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.lock;
    await this.flusher.close();
  }
}
