/**
 * What a transactional channel has acked, nacked and rejected since its last tx.commit or tx.rollback.
 * A settlement covers what was unacked when it came, not what is delivered before the commit.
 */
import { type Consuming, unknownTag } from './consuming.js';

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

  /** How many deliveries they settle. */
  get count(): number {
    return this.settled.size;
  }

  /** @throws ProtocolError 406 for a delivery tag that is unknown or settled already */
  add(tag: number, multiple: boolean, requeue: boolean | undefined): void {
    const all = multiple && tag === 0;
    if (!all && (this.settled.has(tag) || !this.consuming.unacked.has(tag))) throw unknownTag(tag);
    const tags = multiple ? this.open().filter((one) => all || one <= tag) : [tag];
    for (const one of tags) this.settled.add(one);
    this.settlements.push({ tags, requeue });
  }

  /** What is unacked and not settled here. */
  private open(): number[] {
    return [...this.consuming.unacked.open()].map(([tag]) => tag).filter((tag) => !this.settled.has(tag));
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
    for (const tag of this.open()) this.consuming.refuse(tag, false, true);
  }

  rollBack(): void {
    this.settlements = [];
    this.settled.clear();
  }
}
