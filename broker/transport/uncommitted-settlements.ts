/**
 * What a transactional channel has acked, nacked and rejected since its last tx.commit or tx.rollback.
 * A settlement covers what was unacked when it came, not what is delivered before the commit.
 */
import type { Consuming } from './consuming.js';

interface Settlement {
  readonly tags: readonly number[];
  /** Undefined for an ack. */
  readonly requeue: boolean | undefined;
}

export class UncommittedSettlements {
  private readonly consuming: Consuming;
  private settlements: Settlement[] = [];
  private readonly settled = new Set<number>();

  constructor(consuming: Consuming) {
    this.consuming = consuming;
  }

  /** @throws ProtocolError 406 for a delivery tag that is unknown or settled already */
  add(tag: number, multiple: boolean, requeue: boolean | undefined): void {
    const tags = this.consuming.unackedTags(tag, multiple, this.settled);
    for (const one of tags) this.settled.add(one);
    this.settlements.push({ tags, requeue });
  }

  commit(): void {
    const { settlements, consuming } = this;
    this.rollBack();
    for (const { tags, requeue } of settlements) {
      for (const tag of tags) {
        if (requeue === undefined) consuming.acknowledge(tag, false);
        else consuming.refuse(tag, false, requeue);
      }
    }
  }

  /** basic.recover: gives back what is unacked and not settled here. */
  recover(): void {
    const { consuming } = this;
    for (const tag of consuming.unackedTags(0, true, this.settled)) consuming.refuse(tag, false, true);
  }

  rollBack(): void {
    this.settlements = [];
    this.settled.clear();
  }
}
