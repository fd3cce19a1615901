/**
 * Routing keys for which the broker has no queue, and the records that wait for one.
 *
 * A record that was returned holds its key: later records of the key wait behind it unsent. From time
 * to time one of them is sent as a probe; when the broker keeps it, the key is free and all of them go
 * out. Other keys are not held up.
 */
import { Backoff } from './backoff.js';
import { type OutgoingRecord, RecordQueue } from './record-queue.js';

interface HeldKey {
  readonly waiting: RecordQueue;
  readonly backoff: Backoff;
  retryAtMs: number;
  probing: boolean;
}

/** First ceiling of the delay before a key is tried again. */
const RETRY_MIN_MS = 200;

/** The held routing keys of one publisher; at most as many as there are records. */
export class HeldKeys {
  readonly #keys = new Map<string, HeldKey>();
  readonly #retryMaxMs: number;

  /** @param retryMaxMs the longest time between two probes of a key */
  constructor(retryMaxMs: number) {
    this.#retryMaxMs = retryMaxMs;
  }

  isHeld(routingKey: string): boolean {
    return this.#keys.size > 0 && this.#keys.has(routingKey);
  }

  /** Lets a record wait behind the others of its held key. */
  append(record: OutgoingRecord): void {
    this.#keys.get(record.routingKey)?.waiting.push(record);
  }

  /** Takes a returned record: holds its key, or goes on holding it when the record was the probe. */
  hold(record: OutgoingRecord, nowMs: number): void {
    record.returned = false;
    const held = this.#keys.get(record.routingKey);
    if (held === undefined) {
      const backoff = new Backoff(RETRY_MIN_MS, this.#retryMaxMs);
      const waiting = new RecordQueue();
      waiting.push(record);
      this.#keys.set(record.routingKey, {
        waiting,
        backoff,
        retryAtMs: nowMs + backoff.nextMs(),
        probing: false,
      });
    } else if (held.probing) {
      held.waiting.unshift([record]);
      held.probing = false;
      held.retryAtMs = nowMs + held.backoff.nextMs();
    } else {
      held.waiting.push(record);
    }
  }

  /** Frees a key that the broker routes again; the records that waited for it, oldest first. */
  release(routingKey: string): OutgoingRecord[] {
    const held = this.#keys.get(routingKey);
    this.#keys.delete(routingKey);
    return held === undefined ? [] : held.waiting.takeAll();
  }

  /** Frees all keys. */
  releaseAll(): OutgoingRecord[] {
    return [...this.#keys.keys()].flatMap((routingKey) => this.release(routingKey));
  }

  /** One record of each key whose time has come, to be sent as probes. */
  takeProbes(nowMs: number): OutgoingRecord[] {
    const probes: OutgoingRecord[] = [];
    for (const [routingKey, held] of this.#keys) {
      if (held.probing || held.retryAtMs > nowMs) continue;
      const probe = held.waiting.shift();
      if (probe === undefined) {
        this.#keys.delete(routingKey);
      } else {
        held.probing = true;
        probes.push(probe);
      }
    }
    return probes;
  }

  /** Makes every key due now. */
  hurry(): void {
    for (const held of this.#keys.values()) held.retryAtMs = 0;
  }

  /** When the next probe is due, or `undefined` while none is waiting. */
  nextRetryAtMs(): number | undefined {
    let next: number | undefined;
    for (const held of this.#keys.values()) {
      if (!held.probing && (next === undefined || held.retryAtMs < next)) next = held.retryAtMs;
    }
    return next;
  }

  /** The record that has waited longest of the first held key, to be dropped. */
  takeOldest(): OutgoingRecord | undefined {
    for (const held of this.#keys.values()) {
      const record = held.waiting.shift();
      if (record !== undefined) return record;
    }
    return undefined;
  }
}
