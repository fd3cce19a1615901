/**
 * What had to be dropped is counted, and the count is itself logged: as a record, once the broker is
 * there to take it.
 */
import { newEventId } from './event-id.js';
import type { DropReason } from './publisher-options.js';
import type { LogRecord } from './record.js';

/** `event.action` of the record. */
const DROPPED_ACTION = 'warren.agent.dropped';

/** Least time between two reports. */
const INTERVAL_MS = 10_000;

/** The drops of one publisher that have not been reported. */
export class DropReport {
  readonly #service: string;
  #counts = new Map<DropReason, number>();
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  /** @param service whose drops they are */
  constructor(service: string) {
    this.#service = service;
  }

  add(reason: DropReason, count = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  /** Drops that have not been reported. */
  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Whether there is something to report and the last report is long enough ago. */
  isDue(nowMs: number): boolean {
    return this.#counts.size > 0 && nowMs - this.#reportedAtMs >= INTERVAL_MS;
  }

  /** The record that reports all drops so far. `restore` is for the case that it is lost as well. */
  take(nowMs: number): { record: LogRecord; restore: () => void } {
    const { total } = this;
    const counts = this.#counts;
    this.#counts = new Map();
    this.#reportedAtMs = nowMs;
    const record: LogRecord = {
      '@timestamp': new Date(nowMs).toISOString(),
      message: 'Log records were dropped before they reached the broker',
      log: { level: 'warn', logger: 'warren.agent' },
      service: { name: this.#service },
      process: { pid: process.pid },
      event: { id: newEventId(), action: DROPPED_ACTION },
      warren: { agent: { dropped: { total, ...Object.fromEntries(counts) } } },
    };
    const restore = (): void => {
      for (const [reason, count] of counts) this.add(reason, count);
      // It was itself counted as dropped, and is no record of the application.
      this.add('closed', -1);
    };
    return { record, restore };
  }
}
