/**
 * Whether contents take so much memory that those on disk should not stay in it as well. What the
 * process holds in buffers is looked at, now and then: counting each content would cost more.
 */

const CONTENT_BYTES_MAX = 128 * 1024 * 1024;
const LOOK_MS = 100;

export class ContentMemory {
  private short = false;
  private lookedAt = 0;

  isShort(): boolean {
    const time = performance.now();
    if (time - this.lookedAt < LOOK_MS) return this.short;
    this.lookedAt = time;
    this.short = process.memoryUsage().arrayBuffers > CONTENT_BYTES_MAX;
    return this.short;
  }
}
