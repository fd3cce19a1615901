/**
 * The records published on one channel and not yet confirmed, by delivery tag.
 *
 * The broker numbers the messages of a confirm channel 1, 2, 3, … and confirms one tag, or all up to
 * one (`multiple`), in any order:
 *
 *     tag      41      42      43      44
 *          +-------+-------+-------+-------+
 *          |   -   | rec.  |   -   | rec.  |   ← next tag 45
 *          +-------+-------+-------+-------+
 *            ↑ head: settled slots in front are let go
 */
import type { OutgoingRecord } from './record-queue.js';

/** A sliding window of unconfirmed records. Lives as long as its channel. */
export class ConfirmWindow {
  #slots: (OutgoingRecord | undefined)[] = [];
  #head = 0;
  #headTag = 1;
  #size = 0;

  /** Records not yet confirmed. */
  get size(): number {
    return this.#size;
  }

  /** Remembers a record under the channel's next delivery tag. */
  add(record: OutgoingRecord): void {
    this.#slots.push(record);
    this.#size += 1;
  }

  /** Visits, and lets go of, each record that an ack or a nack settles. Unknown tags settle nothing. */
  settle(tag: number, multiple: boolean, visit: (record: OutgoingRecord) => void): void {
    // Tag 0 with `multiple` means all outstanding messages (AMQP 0-9-1, basic.ack).
    const end = tag === 0 && multiple ? this.#slots.length : tag - this.#headTag + this.#head + 1;
    if (end > this.#slots.length || end <= this.#head) return;
    for (let slot = multiple ? this.#head : end - 1; slot < end; slot += 1) {
      const record = this.#slots[slot];
      if (record === undefined) continue;
      this.#slots[slot] = undefined;
      this.#size -= 1;
      visit(record);
    }
    this.#advance();
  }

  /** The unconfirmed record with this id. A scan from the oldest: returns come in order. */
  find(id: string): OutgoingRecord | undefined {
    for (let slot = this.#head; slot < this.#slots.length; slot += 1) {
      const record = this.#slots[slot];
      if (record !== undefined && record.id === id && !record.returned) return record;
    }
    return undefined;
  }

  /** All unconfirmed records, oldest first; the window is empty afterwards. */
  takeAll(): OutgoingRecord[] {
    const records = this.#slots.slice(this.#head).filter((record) => record !== undefined);
    this.#headTag += this.#slots.length - this.#head;
    this.#slots = [];
    this.#head = 0;
    this.#size = 0;
    return records;
  }

  #advance(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) {
      this.#head += 1;
      this.#headTag += 1;
    }
    if (this.#head === this.#slots.length || this.#head >= 4096) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
  }
}
