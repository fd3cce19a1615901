/**
 * Room for the contents of messages: many small ones share a slab, so that a message costs no Buffer
 * of its own. A slab is let go when the last message in it is; it is small, so that one message that
 * stays for long holds little.
 */
const SLAB_BYTES = 32 * 1024;
const SHARED_BYTES_MAX = 4 * 1024;

export class ContentSpace {
  /** What the last `allocate` gave room in. */
  buffer: Buffer = Buffer.alloc(0);
  private slab: Buffer = Buffer.alloc(0);
  private used = 0;

  /** Makes room; the offset is returned, the buffer is in `buffer`. */
  allocate(bytes: number): number {
    if (bytes > SHARED_BYTES_MAX) {
      this.buffer = Buffer.allocUnsafeSlow(bytes);
      return 0;
    }
    if (this.used + bytes > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.used = 0;
    }
    const offset = this.used;
    this.used += bytes;
    this.buffer = this.slab;
    return offset;
  }
}
