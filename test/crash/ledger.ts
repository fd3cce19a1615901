// What a careful observer knows of every message: what was published and confirmed, handed out and
// settled, as far as a client can tell. After a crash it decides what must be there, what may, and what
// must not.
//
// A message that goes to several queues has a copy in each. A copy that dies moves to the dead queue of its
// queue. What was sent but not answered when the broker was killed may have happened or not.

export type Certainty = 'no' | 'perhaps' | 'surely';

export interface QueuePlan {
  readonly name: string;
  /** Where its dead letters go. */
  readonly dead?: string;
  /** Whether a dead letter may be there twice after a crash: it is handed over at least once. */
  readonly atLeastOnce?: boolean;
  /** Whether it keeps the order of each publisher; a queue of dead letters has that of their deaths. */
  readonly ordered: boolean;
}

/** A message found in a queue. */
export interface Found {
  readonly queue: string;
  readonly id: number;
  /** The queue it was published to. */
  readonly origin: string;
  readonly redelivered: boolean;
}

export class Copy {
  readonly id: number;
  readonly origin: QueuePlan;
  readonly publisher: string;
  confirmed = false;
  settled: Certainty = 'no';
  /** Refused for good: it belongs into the dead queue. */
  buried: Certainty = 'no';
  /** The queues that handed it out. */
  readonly handedOutBy = new Set<string>();

  constructor(id: number, origin: QueuePlan, publisher: string) {
    this.id = id;
    this.origin = origin;
    this.publisher = publisher;
  }
}

export class Ledger {
  /** What must not have happened, in words. */
  readonly violations: string[] = [];
  confirms = 0;
  deliveries = 0;
  private readonly plans: Map<string, QueuePlan>;
  private readonly copies = new Map<string, Copy>();
  private nextId = 1;

  constructor(plans: readonly QueuePlan[]) {
    this.plans = new Map(plans.map((plan) => [plan.name, plan]));
  }

  get size(): number {
    return this.copies.size;
  }

  /** A message is about to be published to queues; returns its number. */
  publish(publisher: string, queues: readonly string[]): number {
    const id = this.nextId++;
    for (const queue of queues) {
      this.copies.set(key(id, queue), new Copy(id, this.plans.get(queue) as QueuePlan, publisher));
    }
    return id;
  }

  confirm(id: number, queues: readonly string[]): void {
    this.confirms++;
    for (const queue of queues) {
      const copy = this.copies.get(key(id, queue));
      if (copy !== undefined) copy.confirmed = true;
    }
  }

  /** It was never made valid: it must not be seen. */
  withdraw(id: number, queues: readonly string[]): void {
    for (const queue of queues) this.copies.delete(key(id, queue));
  }

  /** A message was handed out. */
  deliver(found: Found): Copy | undefined {
    this.deliveries++;
    const copy = this.look(found);
    copy?.handedOutBy.add(found.queue);
    return copy;
  }

  violate(what: string): void {
    this.violations.push(what);
  }

  /** Checks one message that is there. */
  private look(found: Found): Copy | undefined {
    const { queue, id, origin, redelivered } = found;
    const name = `message ${id} of ${origin} in ${queue}`;
    const copy = this.copies.get(key(id, origin));
    if (copy === undefined) {
      this.violate(`${name} was never published, or had gone before`);
      return undefined;
    }
    const once = copy.origin.atLeastOnce !== true;
    if (queue !== origin && queue !== copy.origin.dead) this.violate(`${name} does not belong there`);
    if (copy.settled === 'surely' && once) this.violate(`${name} had been acked`);
    if (copy.buried === 'surely' && queue === origin) this.violate(`${name} had been dead-lettered`);
    if (copy.handedOutBy.has(queue) && !redelivered && once)
      this.violate(`${name} is not marked redelivered`);
    return copy;
  }

  /** Compares all that is there after a crash, each queue in its order, and goes on from that. */
  reconcile(all: readonly Found[]): void {
    for (const copy of this.copies.values()) {
      // A death that was not written has not been: it dies again, and is new where it goes then.
      const { dead } = copy.origin;
      if (dead !== undefined && copy.buried !== 'surely') copy.handedOutBy.delete(dead);
    }
    const there = new Map<Copy, string>();
    const last = new Map<string, number>();
    for (const found of all) {
      const copy = this.look(found);
      if (copy === undefined) continue;
      const before = there.get(copy);
      if (before !== undefined && copy.origin.atLeastOnce !== true) {
        this.violate(`message ${copy.id} of ${found.origin} is in ${before} and in ${found.queue}`);
      }
      there.set(copy, found.queue);
      this.checkOrder(found, copy, last);
    }
    for (const [name, copy] of this.copies) {
      const queue = there.get(copy);
      if (queue === undefined) {
        if (copy.confirmed && copy.settled === 'no') {
          this.violate(`message ${copy.id} of ${copy.origin.name} was confirmed and is lost`);
        }
        this.copies.delete(name);
        continue;
      }
      copy.confirmed = true;
      copy.settled = 'no';
      if (queue === copy.origin.name) copy.buried = 'no';
      copy.handedOutBy.add(queue);
    }
  }

  private checkOrder({ queue, origin }: Found, copy: Copy, last: Map<string, number>): void {
    const plan = this.plans.get(queue);
    if (plan?.ordered !== true) return;
    const line = `${queue} ${origin} ${copy.publisher}`;
    const previous = last.get(line) ?? 0;
    if (copy.id <= previous) this.violate(`message ${copy.id} stands behind ${previous} in ${queue}`);
    last.set(line, copy.id);
  }
}

function key(id: number, queue: string): string {
  return `${id} ${queue}`;
}
