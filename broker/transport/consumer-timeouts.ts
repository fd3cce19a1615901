/**
 * Delivery acknowledgement timeouts: a channel whose consumer leaves a delivery unacked for too long is
 * closed (RabbitMQ's guide to consumers), so that what it holds goes to somebody else.
 *
 * Nothing is noted at a delivery. Now and then every channel is asked, and marks how far its delivery
 * tags have got; what is still unacked from before a mark has been so since then at least. A timeout is
 * therefore noticed late by up to one interval, never early.
 */

import { ProtocolError } from '../protocol/protocol-error.js';

/** A connection's channels as they are asked. */
export interface TimedSession {
  /** Marks the moment, and closes every channel with a delivery that has been unacked for too long. */
  checkTimeouts(now: number): void;
}

const CHECK_MS_MAX = 60_000;
const CHECK_MS_MIN = 20;
/** Checks within one timeout. */
const CHECKS_PER_TIMEOUT = 10;

export class ConsumerTimeouts {
  /** For queues that say nothing else; 0 for none. */
  readonly defaultMs: number;
  private readonly sessions = new Set<TimedSession>();
  private timer: NodeJS.Timeout | undefined;
  private intervalMs = Number.POSITIVE_INFINITY;

  constructor(defaultMs: number) {
    this.defaultMs = defaultMs;
    if (defaultMs > 0) this.notice(defaultMs);
  }

  add(session: TimedSession): void {
    this.sessions.add(session);
  }

  remove(session: TimedSession): void {
    this.sessions.delete(session);
  }

  /** Some queue has this timeout: checks come often enough for it. */
  notice(timeoutMs: number): void {
    const intervalMs = Math.min(Math.max(timeoutMs / CHECKS_PER_TIMEOUT, CHECK_MS_MIN), CHECK_MS_MAX);
    if (intervalMs >= this.intervalMs) return;
    this.intervalMs = intervalMs;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.check(), intervalMs);
    this.timer.unref();
  }

  private check(): void {
    const now = performance.now();
    for (const session of [...this.sessions]) session.checkTimeouts(now);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** What closes such a channel. */
export function timedOut(channel: number, timeoutMs: number): ProtocolError {
  return new ProtocolError(
    406,
    `delivery acknowledgement on channel ${channel} timed out. Timeout value used: ${timeoutMs} ms. This timeout value can be configured, see consumers doc guide to learn more`,
  );
}
