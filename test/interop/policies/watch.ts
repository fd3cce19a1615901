// What is seen in the course of a scenario. What was seen before is what is waited for: policies take
// effect at once here, and a moment later in RabbitMQ.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

const PATIENCE_MS = 15_000;
const LOOK_MS = 20;

export class Watch {
  /** What was seen, in order. */
  readonly seen: [what: string, value: unknown][] = [];
  private readonly expected: readonly [what: string, value: unknown][] | undefined;

  /** @param expected what another broker showed in the same scenario */
  constructor(expected?: readonly [what: string, value: unknown][]) {
    this.expected = expected;
  }

  /** Notes what cannot change any more. */
  note(what: string, value: unknown): void {
    this.seen.push([what, value]);
  }

  /** Looks until it is as before, or as it is to be where nobody looked before; but only for so long. */
  async see(what: string, look: () => Promise<unknown>, until?: unknown): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    const before = this.expected?.[this.seen.length];
    const awaited = before === undefined ? until : before[1];
    let value = await look();
    while (awaited !== undefined && !isDeepStrictEqual(value, awaited) && Date.now() < end) {
      await sleep(LOOK_MS);
      value = await look();
    }
    this.seen.push([what, value]);
  }
}
