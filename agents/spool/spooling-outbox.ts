/**
 * A publisher's memory with a spool behind it.
 *
 * Records are in memory alone while the broker keeps up. Once memory is more than half full, or the
 * broker has been away for two seconds, what is in memory is copied to the spool, oldest first, and
 * what comes later goes there alone. So the spool holds all that is unsettled, in order, and memory a
 * first stretch of it, until everything is settled and the spool is empty again:
 *
 *     spool   │ 1 2 3 4 5 6 7 8 9 …      appended at the end
 *     memory  │ 1 2 3                    the rest is read when memory has room
 *
 * Responsible for when the disk is used. Not responsible for files (spool.ts).
 */
import type { Logger } from 'pino';
import { Outbox, type OutboxLimits } from '../outbox.js';
import { type OutgoingRecord, tell } from '../record-queue.js';
import { Spool } from './spool.js';
import type { SpoolSettings, SpoolStatus } from './spool-options.js';

/** How long the broker may be away before the disk is used. */
const AWAY_MS = 2_000;
/** How long a flush waits for confirms before it turns to the disk. */
const CONFIRM_GRACE_MS = 200;
/** How long a record may be written and not synced, unless somebody flushes. */
const SYNC_MS = 1_000;
/** Records copied for each one that comes, so that all are copied before memory is full. */
const COPIES_A_RECORD = 4;
/** Records copied in one turn of the event loop. */
const COPIES_A_TURN = 500;

/** An outbox that overflows to the disk. */
export class SpoolingOutbox extends Outbox {
  readonly #spool: Spool;
  readonly #drop: (record: OutgoingRecord) => void;
  readonly #changed: () => void;
  /** Records in memory that are not on the disk, oldest first. */
  readonly #unspooled = new Set<OutgoingRecord>();
  /** Records that somebody waits for until they are synced. */
  #unsynced: OutgoingRecord[] = [];
  #appended = 0;
  #synced = 0;
  /** How often the disk gave records back. */
  #failures = 0;
  #isAway = false;
  #hasEnded = false;
  #awayTimer: NodeJS.Timeout | undefined;
  #syncTimer: NodeJS.Timeout | undefined;

  /**
   * @param drop told of each record that had to go because of a bound
   * @param changed called when records have become safe
   */
  constructor(
    limits: OutboxLimits,
    settings: SpoolSettings,
    drop: (record: OutgoingRecord) => void,
    changed: () => void,
    log: Logger | undefined,
  ) {
    super(limits, drop);
    this.#drop = drop;
    this.#changed = changed;
    const takenBack = (records: readonly OutgoingRecord[]): void => this.#takenBack(records);
    this.#spool = new Spool(settings, { dropped: drop, takenBack }, log);
    this.brokerIsAway(true);
  }

  override get status(): { spool: SpoolStatus } {
    return { spool: this.#spool.status };
  }

  override get isHalfFull(): boolean {
    return super.isHalfFull && this.#spool.isHalfFull;
  }

  override push(record: OutgoingRecord): void {
    const isFull = !this.hasRoom(record);
    if (isFull) this.#copy(this.#unspooled.size);
    const goesBehind = this.#unspooled.size === 0 && (this.#isAway || !this.#spool.isEmpty);
    const outcome = isFull || goesBehind ? this.#spool.append(record, false) : 'failed';
    if (outcome === 'kept') this.#wasAppended(record);
    else if (outcome === 'full' && this.#spool.hasUnread) this.#drop(record);
    else super.push(record);
    if (super.isHalfFull) this.#copy(COPIES_A_RECORD);
  }

  override take(): OutgoingRecord | undefined {
    for (;;) {
      const record = super.take();
      if (record !== undefined || super.isHalfFull) return record;
      const records = this.#spool.readNext();
      if (records.length === 0) return undefined;
      for (const one of records) this.load(one);
    }
  }

  override settle(record: OutgoingRecord): void {
    super.settle(record);
    this.#unspooled.delete(record);
    if (record.position !== undefined && !this.#hasEnded) this.#spool.settle(record.position);
  }

  /** A question that turns true once every record accepted so far is settled or on the disk. */
  override barrier(): () => boolean {
    const isOver = super.barrier();
    const appended = this.#appended;
    const failures = this.#failures;
    return () => isOver() && this.#synced >= appended && this.#failures === failures;
  }

  override emptied(): () => boolean {
    return () => this.records === 0 && this.#spool.isEmpty;
  }

  override hurry(isConnected: boolean): void {
    super.hurry(isConnected);
    this.#secureIn(isConnected ? CONFIRM_GRACE_MS : 0);
  }

  override brokerIsAway(isAway: boolean): void {
    clearTimeout(this.#awayTimer);
    if (!isAway) this.#isAway = false;
    if (!isAway || this.#hasEnded) return;
    this.#awayTimer = setTimeout(() => {
      this.#isAway = true;
      void this.#secure();
    }, AWAY_MS).unref();
  }

  /** Leaves what is unsettled on the disk; lost is only what could not be written. */
  override async end(unconfirmed: readonly OutgoingRecord[]): Promise<OutgoingRecord[]> {
    clearTimeout(this.#awayTimer);
    this.putBack(unconfirmed);
    await this.#secure();
    clearTimeout(this.#syncTimer);
    await this.#spool.close();
    this.#hasEnded = true;
    return this.takeAll().filter((record) => record.position === undefined);
  }

  protected override accept(record: OutgoingRecord): void {
    super.accept(record);
    this.#unspooled.add(record);
  }

  /** Copies records from memory to the disk; returns how many. */
  #copy(recordsMax: number): number {
    let copied = 0;
    for (const record of this.#unspooled) {
      if (copied >= recordsMax || this.#spool.append(record, true) !== 'kept') break;
      this.#unspooled.delete(record);
      this.#wasAppended(record);
      copied += 1;
    }
    return copied;
  }

  #wasAppended(record: OutgoingRecord): void {
    this.#appended += 1;
    if (record.epoch !== undefined || record.settled !== undefined) this.#unsynced.push(record);
    this.#syncTimer ??= setTimeout(() => void this.#sync(), SYNC_MS).unref();
  }

  #secureIn(delayMs: number): void {
    if (this.#unspooled.size === 0 && this.#synced === this.#appended) return;
    setTimeout(() => void this.#secure(), delayMs);
  }

  /** Brings everything onto the disk, some records a turn: the thread has other things to do. */
  async #secure(): Promise<void> {
    while (!this.#hasEnded && this.#copy(COPIES_A_TURN) > 0) await new Promise(setImmediate);
    if (!this.#hasEnded) await this.#sync();
  }

  async #sync(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    const appended = this.#appended;
    const records = this.#unsynced;
    this.#unsynced = [];
    if (!(await this.#spool.sync())) {
      this.#unsynced.unshift(...records.filter((record) => record.position !== undefined));
      this.#syncTimer ??= setTimeout(() => void this.#sync(), SYNC_MS).unref();
      return;
    }
    this.#synced = Math.max(this.#synced, appended);
    for (const record of records) {
      if (record.position === undefined) continue;
      this.releaseEpoch(record);
      tell(record, 'spooled');
    }
    this.#changed();
  }

  /** Keeps what the disk could not take: in memory, where the bound holds as without a spool. */
  #takenBack(records: readonly OutgoingRecord[]): void {
    this.#failures += 1;
    for (const record of records) {
      if (record.isInMemory) this.#unspooled.add(record);
      else super.push(record);
    }
  }
}
