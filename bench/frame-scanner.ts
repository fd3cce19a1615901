// Reads what a broker sends without building anything of it: enough to count deliveries, to know the last
// delivery tag and the last confirm. Kept this small so that the load costs little beside the broker.

const methodFrame = 1;
const bodyFrame = 3;
const deliver = (60 << 16) | 60;
const ack = (60 << 16) | 80;
const nack = (60 << 16) | 120;
const connectionClose = (10 << 16) | 50;
const channelClose = (20 << 16) | 40;

export class FrameScanner {
  /** Deliveries whose body is complete; each body must fit into one frame. */
  delivered = 0;
  deliveryTag = 0;
  /** Publishes that the broker has confirmed. */
  confirmed = 0;
  refused = 0;
  /** What the broker said when it closed the channel or the connection. */
  closed: string | undefined;
  /** Called with each body where it is asked for, with the block it lies in and where it starts. */
  body: ((block: Buffer, offset: number) => void) | undefined;
  #rest: Buffer | undefined;
  /** All up to this tag are confirmed, and these beyond it: single confirms may overtake each other. */
  #confirmedUpTo = 0;
  readonly #confirmedBeyond = new Set<number>();

  scan(chunk: Buffer): void {
    const block = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    let offset = 0;
    while (block.length - offset >= 8) {
      const end = offset + 8 + block.readUInt32BE(offset + 3);
      if (end > block.length) break;
      const type = block[offset];
      if (type === methodFrame) this.#method(block, offset + 7);
      else if (type === bodyFrame) {
        this.delivered += 1;
        this.body?.(block, offset + 7);
      }
      offset = end;
    }
    if (offset < block.length) this.#rest = block.subarray(offset);
  }

  #method(block: Buffer, offset: number): void {
    const method = block.readUInt32BE(offset);
    const first = offset + 4;
    switch (method) {
      case deliver: {
        const tag = first + 1 + block.readUInt8(first);
        this.deliveryTag = block.readUInt32BE(tag) * 2 ** 32 + block.readUInt32BE(tag + 4);
        return;
      }
      case ack:
      case nack: {
        const tag = block.readUInt32BE(first) * 2 ** 32 + block.readUInt32BE(first + 4);
        this.#confirm(tag, (block.readUInt8(first + 8) & 1) === 1);
        if (method === nack) this.refused += 1;
        return;
      }
      case connectionClose:
      case channelClose:
        this.closed = block.toString('latin1', first + 3, first + 3 + block.readUInt8(first + 2));
        return;
      default:
    }
  }

  #confirm(tag: number, multiple: boolean): void {
    const beyond = this.#confirmedBeyond;
    if (multiple) {
      for (const single of beyond) if (single <= tag) beyond.delete(single);
      this.#confirmedUpTo = Math.max(this.#confirmedUpTo, tag);
    } else {
      beyond.add(tag);
    }
    while (beyond.delete(this.#confirmedUpTo + 1)) this.#confirmedUpTo += 1;
    this.confirmed = this.#confirmedUpTo + beyond.size;
  }
}
