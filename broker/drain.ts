/**
 * A broker's last minutes: nobody new is let in, consumers are told that nothing more comes, and each
 * connection is closed as soon as it has nothing under way, so that its client can go elsewhere at once.
 *
 * A connection has nothing under way when nothing is unacked, unconfirmed, uncommitted or unsent on it,
 * and its peer has said nothing between two looks. The last is for those who publish without confirms:
 * what they have sent is read.
 */
import type { ProtocolError } from './protocol/protocol-error.js';

/** A connection, with a socket or without. */
interface Drained {
  drain(): void;
  takeQuiet(): boolean;
  /** Closes it with a reason. */
  disconnect(reason: ProtocolError): void;
}

const LOOK_MS = 50;

export class Drain {
  private readonly connections: () => readonly Drained[];
  private readonly reason: ProtocolError;
  private readonly timer: NodeJS.Timeout;
  private deadline: NodeJS.Timeout;
  private endsAt: number;
  /** Fulfilled with how many connections are left that had something under way when time was up. */
  readonly over: Promise<number>;
  private finish: (left: number) => void = () => undefined;

  /** @param connections those that there are when it is asked */
  constructor(connections: () => readonly Drained[], reason: ProtocolError, timeoutMs: number) {
    this.connections = connections;
    this.reason = reason;
    this.over = new Promise((resolve) => {
      this.finish = resolve;
    });
    for (const connection of connections()) connection.drain();
    // Behind what has come meanwhile, however long the event loop was busy.
    this.timer = setInterval(() => setImmediate(() => this.look()), LOOK_MS);
    this.endsAt = performance.now() + timeoutMs;
    this.deadline = setTimeout(() => this.stop(), timeoutMs);
    this.look();
  }

  /** Whoever has less time than was given at first is not kept waiting. */
  within(timeoutMs: number): void {
    const endsAt = performance.now() + timeoutMs;
    if (endsAt >= this.endsAt) return;
    this.endsAt = endsAt;
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.stop(), timeoutMs);
  }

  /** Waits no longer. */
  stop(): void {
    clearInterval(this.timer);
    clearTimeout(this.deadline);
    this.finish(this.connections().length);
  }

  private look(): void {
    for (const connection of this.connections()) {
      if (connection.takeQuiet()) connection.disconnect(this.reason);
    }
    if (this.connections().length === 0) this.stop();
  }
}
