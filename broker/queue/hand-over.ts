/**
 * Dead letters of a quorum queue that asks for them at least once: each stays in its queue until every
 * queue that it is routed to has it, on disk where that is durable. What finds no queue, or one that
 * refuses it, is tried again. Only so many are tried at once; the others wait their turn.
 */
import type { Confirmer } from '../store/message.js';
import { Deadline } from './deadline.js';
import type { Entry } from './entry.js';
import type { Queue } from './queue.js';
import { DEATH_REASONS, type DeathReason, type QueueHost } from './queue-host.js';

/** How many are under way at once, as RabbitMQ's dead_letter_worker_consumer_prefetch. */
const UNDER_WAY_MAX = 32;
const RETRY_MS = 1000;

/** A dead letter under way: told as its confirmer when all that took it have it. */
class Letter implements Confirmer {
  readonly entry: Entry;
  readonly reason: DeathReason;
  readonly settled = new Set<Queue>();
  /** Stuck: no queue was found for it, or one refused it. Waiting: some queue has yet to say it has it. */
  state: 'new' | 'waiting' | 'stuck' = 'new';
  /** Where the topology was when no queue could be found, or -1. */
  lostAt = -1;
  private taken: readonly Queue[] = [];
  private refused = 0;
  private readonly hands: HandOver;

  constructor(hands: HandOver, entry: Entry, reason: DeathReason) {
    this.hands = hands;
    this.entry = entry;
    this.reason = reason;
  }

  /** Publishes it to those who do not have it. */
  attempt(host: QueueHost): void {
    const { letter, taken, refused } = host.handOver(this.entry, this.reason, this.settled);
    const nowhere = taken.length === 0 && refused === 0;
    // Routes may have gone since others got it; then nobody is left to wait for.
    if (nowhere && this.settled.size > 0) {
      this.hands.done(this);
      return;
    }
    this.lostAt = nowhere ? host.version : -1;
    this.taken = taken;
    this.refused = refused;
    this.state = letter === undefined ? 'stuck' : 'waiting';
    if (letter === undefined) return;
    if (letter.unwritten === 0) this.confirm();
    else letter.confirmer = this;
  }

  confirm(): void {
    this.state = 'stuck';
    for (const queue of this.taken) this.settled.add(queue);
    if (this.refused === 0) this.hands.done(this);
  }
}

export class HandOver {
  bytes = 0;
  private readonly host: QueueHost;
  private readonly letters = new Set<Letter>();
  private readonly retry: Deadline;
  private readonly onDone: () => void;
  private pumping = false;
  private retrying = false;

  /** @param onDone called when there is one fewer */
  constructor(host: QueueHost, onDone: () => void) {
    this.host = host;
    this.onDone = onDone;
    this.retry = new Deadline(host.clock, () => {
      this.retrying = false;
      this.pump(true);
    });
  }

  /** How many there are. */
  get count(): number {
    return this.letters.size;
  }

  /** Keeps an entry that is dead until it has been handed over. */
  add(entry: Entry, reason: DeathReason): void {
    entry.death = DEATH_REASONS.indexOf(reason) + 1;
    this.host.store.update(entry);
    this.keep(entry);
    this.pump();
  }

  /** Keeps an entry that was dead when the broker stopped; `pump` then sets it going. */
  keep(entry: Entry): void {
    this.bytes += entry.message.bodyBytes;
    this.letters.add(new Letter(this, entry, DEATH_REASONS[entry.death - 1] as DeathReason));
  }

  /** Sets the first letters going, those that are stuck only at a retry, and arranges for the next. */
  pump(retry = false): void {
    if (this.pumping) return;
    this.pumping = true;
    let stuck = false;
    let place = 0;
    // A letter that is done makes room for another, which the set then comes to.
    for (const letter of this.letters) {
      if (place >= UNDER_WAY_MAX) break;
      const again = retry && letter.state === 'stuck' && letter.lostAt !== this.host.version;
      if (again || letter.state === 'new') letter.attempt(this.host);
      if (!this.letters.has(letter)) continue;
      place++;
      stuck ||= letter.state === 'stuck';
    }
    this.pumping = false;
    if (!stuck || this.retrying) return;
    this.retrying = true;
    this.retry.set(this.host.clock.now() + RETRY_MS);
  }

  /** A letter is where it had to go. */
  done(letter: Letter): void {
    if (!this.letters.delete(letter)) return;
    this.bytes -= letter.entry.message.bodyBytes;
    this.host.store.settle(letter.entry);
    this.onDone();
    this.pump();
  }

  /** There is nowhere for it to go any more: the queue is deleted, or told of no exchange for dead letters. */
  clear(): void {
    this.retry.clear();
    this.retrying = false;
    for (const { entry } of this.letters) this.host.store.settle(entry);
    this.letters.clear();
    this.bytes = 0;
  }

  /** Stops the clock: the broker stops. */
  suspend(): void {
    this.retry.clear();
  }
}
