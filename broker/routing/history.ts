/**
 * The last messages that went through an exchange, each with a copy of its content, so that it holds
 * nothing else in memory. Where they are too many or too large, the oldest go.
 */
import { imageBytes } from '../protocol/content-assembler.js';
import { Message } from '../store/message.js';
import { RoutedMessage } from './routed-message.js';

/** What one exchange's history may take, an entry's own overhead included. */
export const HISTORY_BYTES_MAX = 32 * 1024 * 1024;
const ENTRY_BYTES = 512;

export class History {
  private readonly lengthMax: number;
  private kept: RoutedMessage[] = [];
  /** Where the oldest is in `kept`. */
  private first = 0;
  private bytes = 0;

  constructor(lengthMax: number) {
    this.lengthMax = lengthMax;
  }

  keep({ message, routingKeys }: RoutedMessage): void {
    const { address, offset, headerBytes, bodyBytes } = message;
    const end = offset + imageBytes(headerBytes, bodyBytes);
    const content = Buffer.from((message.buffer as Buffer).subarray(offset, end));
    const copy = new Message(0, address, content, 0, headerBytes, bodyBytes);
    copyMarks(message, copy);
    this.kept.push(new RoutedMessage(copy, routingKeys));
    this.bytes += sizeOf(copy);
    while (this.length > this.lengthMax || this.bytes > HISTORY_BYTES_MAX) this.forgetOldest();
  }

  private get length(): number {
    return this.kept.length - this.first;
  }

  private forgetOldest(): void {
    this.bytes -= sizeOf((this.kept[this.first] as RoutedMessage).message);
    this.first++;
    if (this.first * 2 < this.kept.length) return;
    this.kept = this.kept.slice(this.first);
    this.first = 0;
  }

  /** What is kept, oldest first; to be published as `newCopy` makes it. */
  messages(): readonly RoutedMessage[] {
    return this.kept.slice(this.first);
  }
}

/** A message that was kept, as one that is published now, with an id of its own. */
export function newCopy({ message, routingKeys }: RoutedMessage, id: number): RoutedMessage {
  const { address, buffer, headerBytes, bodyBytes } = message;
  const copy = new Message(id, address, buffer, 0, headerBytes, bodyBytes);
  copyMarks(message, copy);
  return new RoutedMessage(copy, routingKeys);
}

function copyMarks(from: Message, to: Message): void {
  to.persistent = from.persistent;
  to.priority = from.priority;
  to.expirationMs = from.expirationMs;
}

function sizeOf(message: Message): number {
  return ENTRY_BYTES + message.headerBytes + message.bodyBytes;
}
