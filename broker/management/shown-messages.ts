/**
 * Messages as they go out as JSON, counted by the bytes of that: escapes make a body of control characters
 * six times as long. Each is made into JSON by itself, since all of them at once would hold up everybody.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What one answer shows; the message that goes beyond it is the last one. */
const JSON_BYTES_MAX = 16 * 1024 * 1024;
/** After so much of JSON others have their turn. */
const STEP_BYTES = 512 * 1024;

export class ShownMessages {
  private readonly texts: string[] = [];
  private bytes = 0;
  private sinceTurn = 0;

  get count(): number {
    return this.texts.length;
  }

  get isFull(): boolean {
    return this.bytes >= JSON_BYTES_MAX;
  }

  add(message: object): void {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    this.texts.push(text);
    this.bytes += bytes;
    this.sinceTurn += bytes;
  }

  /** Has others served, once much was made into JSON. */
  async rest(): Promise<void> {
    if (this.sinceTurn < STEP_BYTES) return;
    this.sinceTurn = 0;
    await nextTurn();
  }

  /** The list, between what stands before and after it. They are let go as they are sent. */
  async *pieces(before: string, after: string): AsyncGenerator<string> {
    let piece = before;
    for (const [at, text] of this.texts.entries()) {
      piece += at === 0 ? text : `,${text}`;
      this.texts[at] = '';
      if (piece.length < STEP_BYTES) continue;
      yield piece;
      piece = '';
    }
    yield piece + after;
  }
}
