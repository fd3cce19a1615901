/**
 * What had to be dropped, or was left out, is counted, and the count is itself logged: as a record, once
 * the broker is there to take it.
 */
import { newEventId } from './event-id.js';
import type { Level, LogRecord } from './record.js';

/** What a report says, and the reasons it counts by. */
export interface ReportKind<Reason extends string> {
  readonly message: string;
  readonly level: Level;
  /** `event.action` of the record. */
  readonly action: string;
  /** The counts are in `warren.agent.<field>`. */
  readonly field: string;
  readonly reasons: readonly Reason[];
}

/** Least time between two reports. */
const INTERVAL_MS = 10_000;

/** What one publisher did not send, and what of it has not been reported. */
export class DropReport<Reason extends string> {
  readonly #service: string;
  readonly #kind: ReportKind<Reason>;
  readonly #totals: Record<Reason, number>;
  #counts = new Map<Reason, number>();
  #reportedAtMs: number;

  /**
   * @param service whose drops they are
   * @param reportedAtMs the first report comes the interval after that
   */
  constructor(service: string, kind: ReportKind<Reason>, reportedAtMs = Number.NEGATIVE_INFINITY) {
    this.#service = service;
    this.#kind = kind;
    this.#totals = Object.fromEntries(kind.reasons.map((reason) => [reason, 0])) as Record<Reason, number>;
    this.#reportedAtMs = reportedAtMs;
  }

  add(reason: Reason, count = 1): void {
    this.#totals[reason] += count;
    this.#unreported(reason, count);
  }

  /** All so far, by reason. */
  get totals(): Record<Reason, number> {
    return { ...this.#totals };
  }

  /** How many have not been reported. */
  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Whether there is something to report and the last report is long enough ago. */
  isDue(nowMs: number): boolean {
    return this.#counts.size > 0 && nowMs - this.#reportedAtMs >= INTERVAL_MS;
  }

  /** The record that reports all so far. `restore` is for the case that it is lost as well. */
  take(nowMs: number): { record: LogRecord; restore: () => void } {
    const { total } = this;
    const { message, level, action, field } = this.#kind;
    const counts = this.#counts;
    this.#counts = new Map();
    this.#reportedAtMs = nowMs;
    const record: LogRecord = {
      '@timestamp': new Date(nowMs).toISOString(),
      message,
      log: { level, logger: 'warren.agent' },
      service: { name: this.#service },
      process: { pid: process.pid },
      event: { id: newEventId(), action },
      warren: { agent: { [field]: { total, ...Object.fromEntries(counts) } } },
    };
    const restore = (): void => {
      for (const [reason, count] of counts) this.#unreported(reason, count);
    };
    return { record, restore };
  }

  #unreported(reason: Reason, count: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }
}
