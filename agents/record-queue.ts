/**
 * Records on their way to the broker, in order: a first-in first-out queue that can take records back
 * at its front.
 */

import type { SpoolPosition } from './spool/segment.js';

/** What became of a record: the broker has it, it is safe on the disk, it was given up, or left out by sampling. */
export type RecordOutcome = 'confirmed' | 'spooled' | 'dropped' | 'left-out';

/** The records accepted between two flushes, counted while they are unsettled. */
export interface Epoch {
  unsettled: number;
}

/** A record as it goes out, encoded once. */
export interface OutgoingRecord {
  readonly id: string;
  readonly routingKey: string;
  readonly service: string;
  readonly timestampSeconds: number;
  readonly body: Buffer;
  /** Called once; see {@link tell}. */
  settled: ((outcome: RecordOutcome) => void) | undefined;
  /** The broker sent it back since it was last published: no queue takes it. */
  returned: boolean;
  /** Set when the record is accepted. */
  epoch: Epoch | undefined;
  /** Where it is on the disk, if it is. */
  position: SpoolPosition | undefined;
  /** Whether it is in the account of the memory. */
  isInMemory: boolean;
}

/** Tells whoever published a record what became of it, the first time only. */
export function tell(record: OutgoingRecord, outcome: RecordOutcome): void {
  const { settled } = record;
  record.settled = undefined;
  settled?.(outcome);
}

/** Dead slots at the front that are tolerated before the array is cut. */
const DEAD_SLOTS_MAX = 4096;

/** A queue of records; all operations take constant time on average, but `unshift`. */
export class RecordQueue {
  #records: (OutgoingRecord | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#records.length - this.#head;
  }

  push(record: OutgoingRecord): void {
    this.#records.push(record);
  }

  shift(): OutgoingRecord | undefined {
    const record = this.#records[this.#head];
    if (record === undefined) return undefined;
    this.#records[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#records.length) {
      this.#records = [];
      this.#head = 0;
    } else if (this.#head >= DEAD_SLOTS_MAX && this.#head * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }

  /** Puts records back at the front, the first of them first. */
  unshift(records: readonly OutgoingRecord[]): void {
    if (records.length === 0) return;
    this.#records = [...records, ...this.#records.slice(this.#head)];
    this.#head = 0;
  }

  takeAll(): OutgoingRecord[] {
    const records = this.#records.slice(this.#head) as OutgoingRecord[];
    this.#records = [];
    this.#head = 0;
    return records;
  }
}
