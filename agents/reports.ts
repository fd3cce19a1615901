/**
 * The two reports of a publisher, and when they are sent: of the records that it had to drop, and of
 * those that it left out on purpose.
 */
import { DropReport } from './drop-report.js';
import type { DropReason } from './publisher-options.js';
import type { LogRecord } from './record.js';
import type { RecordOutcome } from './record-queue.js';
import type { LeftOutReason } from './refinement/sampling.js';

type Send = (record: LogRecord, settled: (outcome: RecordOutcome) => void) => void;

/** The reports of one publisher. */
export class Reports {
  readonly dropped: DropReport<DropReason>;
  readonly leftOut: DropReport<LeftOutReason>;
  readonly #send: Send;

  /**
   * @param service whose records they are about
   * @param send publishes a report, before all that waits
   */
  constructor(service: string, send: Send) {
    this.#send = send;
    this.dropped = new DropReport(service, {
      message: 'Log records were dropped before they reached the broker',
      level: 'warn',
      action: 'warren.agent.dropped',
      field: 'dropped',
      reasons: ['overflow', 'unencodable', 'closed'],
    });
    const leftOut = {
      message: 'Log records were left out by sampling',
      level: 'info',
      action: 'warren.agent.left_out',
      field: 'left_out',
      reasons: ['sampled', 'limited'],
    } as const;
    this.leftOut = new DropReport(service, leftOut, Date.now());
  }

  /** Sends what is due. */
  sendDue(): void {
    const nowMs = Date.now();
    if (this.dropped.isDue(nowMs)) this.#take(this.dropped, nowMs);
    if (this.leftOut.isDue(nowMs)) this.#take(this.leftOut, nowMs);
  }

  /** Sends what was left out since the last report: there will be no next one. */
  sendLast(): void {
    if (this.leftOut.total > 0) this.#take(this.leftOut, Date.now());
  }

  #take(report: Pick<DropReport<string>, 'take'>, nowMs: number): void {
    const { record, restore } = report.take(nowMs);
    this.#send(record, (outcome) => {
      if (outcome !== 'dropped') return;
      restore();
      // The report is no record of the application: its own loss does not count.
      this.dropped.add('closed', -1);
    });
  }
}
