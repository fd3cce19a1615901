/** How large the messages are that publishers send: a histogram, with RabbitMQ's bounds. */

/** Bytes of a body; one count for each, of those up to it, and one for what is larger. */
export const MESSAGE_SIZE_BOUNDS = [
  100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000, 100_000_000,
] as const;

export class MessageSizes {
  /** For each bound those larger than the one before, and at the end what is larger than all. */
  readonly counts = new Array<number>(MESSAGE_SIZE_BOUNDS.length + 1).fill(0);
  bytes = 0;

  /** A message came. */
  count(bytes: number): void {
    this.bytes += bytes;
    // Most are small: the search from below is short.
    let at = 0;
    while (at < MESSAGE_SIZE_BOUNDS.length && bytes > (MESSAGE_SIZE_BOUNDS[at] as number)) at++;
    this.counts[at] = (this.counts[at] as number) + 1;
  }

  add(other: MessageSizes): void {
    this.bytes += other.bytes;
    for (const [at, count] of other.counts.entries()) this.counts[at] = (this.counts[at] as number) + count;
  }
}
