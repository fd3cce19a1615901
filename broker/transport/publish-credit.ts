/**
 * How much of what a connection published has not reached the disk: beyond its credit it is not read from.
 * Each connection waits for its own backlog, so that one that floods the disk makes no other wait; when
 * all of them together are behind, each has less.
 */
import type { Credit } from '../store/message.js';

/** What one connection may have under way while the disk keeps up. */
const OWN_BYTES_MAX = 2 * 1024 * 1024;
/** And while it does not. */
const OWN_BYTES_MIN = 16 * 1024;
/** With so much under way in all it does not. */
const ALL_BYTES = 8 * 1024 * 1024;

export class PublishCredit implements Credit {
  /** Called when something reached the disk. */
  onGiven: (() => void) | undefined;
  private bytes = 0;
  private readonly store: { readonly unwrittenBytes: number };

  constructor(store: { readonly unwrittenBytes: number }) {
    this.store = store;
  }

  take(bytes: number): void {
    this.bytes += bytes;
  }

  give(bytes: number): void {
    this.bytes -= bytes;
    this.onGiven?.();
  }

  get exhausted(): boolean {
    if (this.bytes <= OWN_BYTES_MIN) return false;
    return this.bytes > OWN_BYTES_MAX || this.store.unwrittenBytes > ALL_BYTES;
  }
}
