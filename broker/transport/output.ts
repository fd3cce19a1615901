/**
 * What a connection sends: one growing block, written once at the end of a turn of the event loop.
 * Knows how much the peer has not taken yet, and holds back what depends on a commit.
 */
import type { Socket } from 'node:net';
import { FrameWriter } from '../protocol/frame-writer.js';
import type { Traffic } from './traffic.js';

/** With so much unsent, nothing more is delivered until the peer has taken most of it. */
const UNSENT_BYTES_MAX = 512 * 1024;
const RESUME_BYTES = 128 * 1024;
/** With so much unsent no more requests are read. */
const STALLED_BYTES = 8 * 1024 * 1024;
const BLOCK_BYTES = 1024;
const BLOCK_BYTES_KEPT = 32 * 1024;

export class Output {
  readonly writer = new FrameWriter(BLOCK_BYTES);
  /** A delivery was refused because too much was unsent. */
  starved = false;
  private readonly socket: Socket;
  private held = 0;
  private written = 0;

  private readonly traffic: Traffic;

  constructor(socket: Socket, traffic: Traffic) {
    this.socket = socket;
    this.traffic = traffic;
  }

  canDeliver(): boolean {
    if (this.unsentBytes < UNSENT_BYTES_MAX) return true;
    this.starved = true;
    return false;
  }

  get unsentBytes(): number {
    return this.writer.length + this.socket.writableLength;
  }

  /** Whether the peer takes so little that its requests should wait. */
  get stalled(): boolean {
    return this.unsentBytes > STALLED_BYTES;
  }

  /** Whether deliveries that were refused can go on. */
  get recovered(): boolean {
    return this.starved && this.unsentBytes < RESUME_BYTES;
  }

  hold(): void {
    this.held++;
  }

  release(): void {
    this.held--;
  }

  /** Sends the block unless it is held. */
  flush(): void {
    const { writer, socket } = this;
    if (this.held > 0 || writer.length === 0 || socket.destroyed) return;
    const { buffer, length } = writer;
    this.written++;
    this.traffic.sent(length);
    socket.write(buffer.subarray(0, length));
    writer.length = 0;
    // Written in full at once, the block is free again; otherwise it belongs to the socket now.
    if (socket.writableLength > 0) {
      writer.buffer = Buffer.allocUnsafeSlow(Math.min(buffer.length, UNSENT_BYTES_MAX));
    }
  }

  /** Whether what has been written has to wait. */
  get holding(): boolean {
    return this.held > 0;
  }

  /** Whether anything was sent since the last time; an idle connection's block is let go. */
  takeActivity(): boolean {
    const active = this.written > 0;
    this.written = 0;
    const { writer } = this;
    if (!active && writer.length === 0 && writer.buffer.length > BLOCK_BYTES_KEPT) {
      writer.buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    return active;
  }
}
