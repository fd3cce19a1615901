/**
 * Which deliveries of one channel are open, and which acks may be sent for the others.
 *
 * Deliveries are settled in any order, since bulks finish in any order and one record may wait for a
 * retry while its neighbours are stored. `basic.ack` with `multiple` covers everything up to its tag,
 * so it is used only up to the oldest delivery that is still open; what is settled beyond that one is
 * acked one at a time, and only after it has waited for a while, because mostly the oldest one is
 * merely in the other bulk. Pure: it says what to send and sends nothing.
 *
 *     tag      11  12  13  14  15  16
 *     state     s   s   -   s   -   s       s settled, - open
 *               ack(12, multiple)   then, if 13 does not come: ack(14), ack(16)
 */

/** One `basic.ack`. */
export interface Acknowledgement {
  deliveryTag: number;
  multiple: boolean;
}

export class Acknowledgements {
  /** In the order of arrival, hence ascending. Bounded by the channel's prefetch. */
  readonly #open = new Set<number>();
  /** Settled and not acked yet. Bounded by the channel's prefetch. */
  #settled: number[] = [];

  /** How many deliveries are neither settled nor acked. */
  get openCount(): number {
    return this.#open.size;
  }

  /** How many are settled and wait for their ack. */
  get settledCount(): number {
    return this.#settled.length;
  }

  /** Takes note of a delivery; tags ascend. */
  add(deliveryTag: number): void {
    this.#open.add(deliveryTag);
  }

  /** Takes note that the outcome of a delivery is known and safe. Each tag at most once. */
  settle(deliveryTag: number): void {
    if (this.#open.delete(deliveryTag)) this.#settled.push(deliveryTag);
  }

  /** One ack for everything settled below the oldest open delivery, or `undefined` if there is none. */
  takeMultiple(): Acknowledgement | undefined {
    if (this.#settled.length === 0) return undefined;
    const oldestOpen: number | undefined = this.#open.values().next().value;
    let highest = 0;
    if (oldestOpen === undefined) {
      for (const tag of this.#settled) if (tag > highest) highest = tag;
      this.#settled = [];
    } else {
      const beyond: number[] = [];
      for (const tag of this.#settled) {
        if (tag > oldestOpen) beyond.push(tag);
        else if (tag > highest) highest = tag;
      }
      this.#settled = beyond;
    }
    return highest === 0 ? undefined : { deliveryTag: highest, multiple: true };
  }

  /** An ack for each delivery that is settled behind an open one. */
  takeSingles(): Acknowledgement[] {
    const singles = this.#settled.map((deliveryTag) => ({ deliveryTag, multiple: false }));
    this.#settled = [];
    return singles;
  }
}
