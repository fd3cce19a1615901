/**
 * Who may do what takes much memory: some at once, some more in a line, and nobody else. What is guarded
 * is the process, so that all interfaces of it share one.
 */
import { HttpError } from './http-error.js';

export interface TurnLimits {
  /** At once. */
  readonly runningMax: number;
  /** In the line. */
  readonly waitingMax: number;
  /** How long one stands in the line. */
  readonly waitMs: number;
}

interface Waiting {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

export class Turns {
  private readonly limits: TurnLimits;
  private readonly line: Waiting[] = [];
  private running = 0;

  constructor(limits: TurnLimits) {
    this.limits = limits;
  }

  /** Resolves when it is one's turn, which has to be given back. Rejects with an HttpError 503. */
  take(): Promise<void> {
    const { runningMax, waitingMax, waitMs } = this.limits;
    if (this.running < runningMax) {
      this.running++;
      return Promise.resolve();
    }
    if (this.line.length >= waitingMax) return Promise.reject(this.busy());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.line.splice(this.line.indexOf(waiting), 1);
        reject(this.busy());
      }, waitMs);
      const waiting: Waiting = { admit: resolve, timer };
      timer.unref();
      this.line.push(waiting);
    });
  }

  /** Ends a turn: it goes to who has waited longest. */
  give(): void {
    const next = this.line.shift();
    if (next === undefined) {
      this.running--;
      return;
    }
    clearTimeout(next.timer);
    next.admit();
  }

  private busy(): HttpError {
    const reason = `${this.limits.runningMax} requests for messages are being answered and others wait: try again later`;
    return new HttpError(503, { error: 'service_unavailable', reason }, { 'retry-after': '1' });
  }
}
