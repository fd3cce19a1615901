/**
 * The publishes of a channel that have not been confirmed, and the acks that confirm them: as few as
 * possible, by `multiple`, once a turn of the event loop.
 *
 *     tags   …  base            next          state of a tag: open, acked, nacked or reported
 *               a a a o a o o o               here base+2 is acked with multiple, base+4 alone
 */
import type { FrameWriter } from '../protocol/frame-writer.js';

const OPEN = 0;
const ACKED = 1;
const NACKED = 2;
const REPORTED = 3;

export class ConfirmWindow {
  private states = new Uint8Array(64);
  private base = 1;
  private next = 1;
  /** Settled while an earlier one was open. */
  private early: number[] = [];

  /** Whether every publish has been reported. */
  get settled(): boolean {
    return this.base === this.next;
  }

  /** The tag of the next publish. */
  open(): number {
    if (this.next - this.base === this.states.length) this.grow();
    this.states[this.next & (this.states.length - 1)] = OPEN;
    return this.next++;
  }

  /** How many have not been settled. */
  get openCount(): number {
    let count = 0;
    for (let tag = this.base; tag < this.next; tag++) {
      if (this.states[tag & (this.states.length - 1)] === OPEN) count++;
    }
    return count;
  }

  ack(tag: number): void {
    this.settle(tag, ACKED);
  }

  nack(tag: number): void {
    this.settle(tag, NACKED);
  }

  private settle(tag: number, state: number): void {
    this.states[tag & (this.states.length - 1)] = state;
    if (tag !== this.base) this.early.push(tag);
  }

  /** Writes what has been settled since the last time. */
  report(writer: FrameWriter, channel: number): void {
    const { states } = this;
    const mask = states.length - 1;
    let acked = 0;
    let last = 0;
    for (; this.base < this.next; this.base++) {
      const state = states[this.base & mask] as number;
      if (state === OPEN) break;
      if (state === ACKED) {
        acked++;
        last = this.base;
      } else if (state === NACKED) {
        if (acked > 0) writer.ack(channel, last, acked > 1);
        acked = 0;
        writer.nack(channel, this.base, false);
      }
    }
    if (acked > 0) writer.ack(channel, last, acked > 1);
    if (this.early.length > 0) this.reportEarly(writer, channel);
  }

  private reportEarly(writer: FrameWriter, channel: number): void {
    const mask = this.states.length - 1;
    for (const tag of this.early) {
      if (tag < this.base) continue;
      const state = this.states[tag & mask];
      if (state === ACKED) writer.ack(channel, tag, false);
      else if (state === NACKED) writer.nack(channel, tag, false);
      this.states[tag & mask] = REPORTED;
    }
    this.early = [];
  }

  private grow(): void {
    const grown = new Uint8Array(this.states.length * 2);
    for (let tag = this.base; tag < this.next; tag++) {
      grown[tag & (grown.length - 1)] = this.states[tag & (this.states.length - 1)] as number;
    }
    this.states = grown;
  }
}
