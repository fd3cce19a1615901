/**
 * The publisher's memory: every record that was accepted and is not settled, within one bound.
 *
 *     push ──► waiting ──take──► in flight ──settle──► gone
 *                 ▲                 │ returned, nacked, connection lost
 *                 └──── held keys ◄─┘
 *
 * Responsible for the bound and for order. Not responsible for sending, confirms or time.
 */
import { HeldKeys } from './held-keys.js';
import { type Epoch, type OutgoingRecord, RecordQueue } from './record-queue.js';
import type { SpoolStatus } from './spool/spool-options.js';

/** What an outbox does when it is full. */
export type OverflowPolicy = 'drop-oldest' | 'drop-newest';

/** The bound of an {@link Outbox}. */
export interface OutboxLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly overflow: OverflowPolicy;
  readonly unroutableRetryMaxMs: number;
}

/** Memory a record takes besides its body: the object, its strings, its slot. */
const RECORD_OVERHEAD_BYTES = 300;

/** A bounded store of unsettled records. */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #drop: (record: OutgoingRecord) => void;
  readonly #waiting = new RecordQueue();
  readonly #held: HeldKeys;
  #records = 0;
  #bytes = 0;
  #epoch: Epoch = { unsettled: 0 };
  #pastEpochs: Epoch[] = [];

  /** @param drop told of each record that had to go because of the bound */
  constructor(limits: OutboxLimits, drop: (record: OutgoingRecord) => void) {
    this.#limits = limits;
    this.#drop = drop;
    this.#held = new HeldKeys(limits.unroutableRetryMaxMs);
  }

  /** Unsettled records: waiting, held and in flight. */
  get records(): number {
    return this.#records;
  }

  /** Bytes of the unsettled records, an estimate of the memory they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether more than half of the bound is used. */
  get isHalfFull(): boolean {
    return this.#records * 2 > this.#limits.recordsMax || this.#bytes * 2 > this.#limits.bytesMax;
  }

  /** Accepts a record; at the bound something is dropped, as the policy says. */
  push(record: OutgoingRecord): void {
    while (!this.hasRoom(record)) {
      // What no queue takes goes before what would be taken; what is in flight cannot be called back.
      const oldest =
        this.#limits.overflow === 'drop-newest'
          ? undefined
          : (this.#held.takeOldest() ?? this.#waiting.shift());
      if (oldest === undefined) {
        this.#drop(record);
        return;
      }
      this.settle(oldest);
      this.#drop(oldest);
    }
    this.accept(record);
    this.#waiting.push(record);
  }

  /** Whether the record fits within the bound. */
  protected hasRoom(record: OutgoingRecord): boolean {
    const size = record.body.length + RECORD_OVERHEAD_BYTES;
    return this.#records + 1 <= this.#limits.recordsMax && this.#bytes + size <= this.#limits.bytesMax;
  }

  /** Takes a record in that is safe elsewhere, behind all others: no flush waits for it. */
  protected load(record: OutgoingRecord): void {
    this.#count(record);
    this.#waiting.push(record);
  }

  /** Accepts a record in front of all others, whatever the bound says. */
  pushFirst(record: OutgoingRecord): void {
    this.accept(record);
    this.#waiting.unshift([record]);
  }

  /** The next record to publish. It stays in the outbox's account until it is settled. */
  take(): OutgoingRecord | undefined {
    for (;;) {
      const record = this.#waiting.shift();
      if (record === undefined || !this.#held.isHeld(record.routingKey)) return record;
      this.#held.append(record);
    }
  }

  /** Takes back records that were in flight, oldest first. */
  putBack(records: readonly OutgoingRecord[]): void {
    for (const record of records) record.returned = false;
    this.#waiting.unshift(records);
  }

  /** Takes back a record that the broker refused. */
  retry(record: OutgoingRecord): void {
    // A probe that was refused must not leave its key waiting for a verdict for ever.
    if (this.#held.isHeld(record.routingKey)) this.hold(record);
    else this.#waiting.unshift([record]);
  }

  /** Takes back a record that the broker returned: no queue takes its routing key. */
  hold(record: OutgoingRecord): void {
    this.#held.hold(record, Date.now());
  }

  /** Hears that the broker kept a record of this key. */
  routed(routingKey: string): void {
    if (this.#held.isHeld(routingKey)) this.#waiting.unshift(this.#held.release(routingKey));
  }

  /** Tries all held keys again from the start, as after a reconnect. */
  releaseHeld(): void {
    this.#waiting.unshift(this.#held.releaseAll());
  }

  /** Records of held keys to publish as probes now. */
  takeProbes(): OutgoingRecord[] {
    return this.#held.takeProbes(Date.now());
  }

  /** Makes every held key due now, since somebody waits. */
  hurry(_isConnected: boolean): void {
    this.#held.hurry();
  }

  /** Milliseconds until the next probe is due, or `undefined`. */
  nextProbeInMs(): number | undefined {
    const atMs = this.#held.nextRetryAtMs();
    return atMs === undefined ? undefined : Math.max(0, atMs - Date.now());
  }

  /** Lets go of a record for good. */
  settle(record: OutgoingRecord): void {
    record.isInMemory = false;
    this.#records -= 1;
    this.#bytes -= record.body.length + RECORD_OVERHEAD_BYTES;
    this.releaseEpoch(record);
  }

  /** Lets flushes wait for the record no longer. */
  protected releaseEpoch(record: OutgoingRecord): void {
    if (record.epoch !== undefined) record.epoch.unsettled -= 1;
    record.epoch = undefined;
  }

  /** A question that turns true once nothing is left to send. */
  emptied(): () => boolean {
    return this.barrier();
  }

  /** Hears that the broker has gone, or is back. */
  brokerIsAway(_isAway: boolean): void {
    // Memory is memory, whether the broker is there or not.
  }

  /** What is on the disk, where there is a spool. */
  get status(): { spool?: SpoolStatus } {
    return {};
  }

  /**
   * The end: lets go of everything.
   *
   * @param unconfirmed what was in flight
   * @returns the records that are lost
   */
  end(unconfirmed: readonly OutgoingRecord[]): Promise<OutgoingRecord[]> {
    for (const record of unconfirmed) this.settle(record);
    return Promise.resolve([...unconfirmed, ...this.takeAll()]);
  }

  /** A question that turns true once every record accepted so far is settled. */
  barrier(): () => boolean {
    this.#pastEpochs = [...this.#pastEpochs, this.#epoch].filter((epoch) => epoch.unsettled > 0);
    this.#epoch = { unsettled: 0 };
    const epochs = this.#pastEpochs;
    return () => epochs.every((epoch) => epoch.unsettled === 0);
  }

  /** Lets go of everything that is not in flight. */
  protected takeAll(): OutgoingRecord[] {
    const records = [...this.#held.releaseAll(), ...this.#waiting.takeAll()];
    for (const record of records) this.settle(record);
    return records;
  }

  protected accept(record: OutgoingRecord): void {
    this.#count(record);
    this.#epoch.unsettled += 1;
    record.epoch = this.#epoch;
  }

  #count(record: OutgoingRecord): void {
    record.isInMemory = true;
    this.#records += 1;
    this.#bytes += record.body.length + RECORD_OVERHEAD_BYTES;
  }
}
