/** The sweeps that are to be made, one step of one of them with each batch. */
import type { Change } from './store.js';
import type { Sweep } from './sweep.js';

export class Sweeps {
  private waiting: Sweep[];
  private current: Sweep | undefined;

  constructor(leftovers: readonly Sweep[]) {
    this.waiting = [...leftovers];
  }

  get length(): number {
    return this.waiting.length;
  }

  add(sweep: Sweep): void {
    this.waiting.push(sweep);
  }

  /** The step that goes with the next batch. */
  begin(): Sweep | undefined {
    this.current = this.waiting[0];
    return this.current;
  }

  /**
   * The batch is written.
   *
   * @param to where the sweep goes on, if it does
   * @returns what is to be written when it is done
   */
  stepped(to: number | undefined): Change | undefined {
    const { current } = this;
    this.current = undefined;
    if (current === undefined || this.waiting.length === 0) return undefined;
    if (to !== undefined) {
      this.waiting[0] = { ...current, first: to };
      return undefined;
    }
    this.waiting.shift();
    return { do: 'drop-purge', ...current };
  }

  /** The rest is left to the next start, which finds it. */
  abandon(): void {
    this.waiting = [];
  }
}
