// All that clients do to the broker at once while it is killed, every step of it in the ledger.
import { connect } from 'amqplib';
import { randomNumbers } from '../interop/random-numbers.js';
import { CONSUMED, declareCrashTopology, QUORUM, REJECTS, ROUTES } from './crash-topology.js';
import type { Ledger } from './ledger.js';
import { type Held, LedgerChannel } from './ledger-channel.js';
import type { TopologyChanges } from './topology-changes.js';
import { Transactions } from './transactions.js';

const PUBLISHERS = 2;
const UNCONFIRMED_MAX = 60;
const PREFETCH = 24;
const BARRIER_EVERY = 25;
/** Beyond this the backlog is not made longer by more than it is consumed. */
const COPIES_MAX = 4000;

export class Workload {
  readonly #ended: Promise<unknown>[] = [];
  readonly #ledger: Ledger;
  readonly #random: (limit: number) => number;

  private constructor(ledger: Ledger, random: (limit: number) => number) {
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Declares what is missing, then sets everything going. */
  static async start(
    port: number,
    ledger: Ledger,
    changes: TopologyChanges,
    seed: number,
  ): Promise<Workload> {
    const url = `amqp://guest:guest@127.0.0.1:${port}`;
    const workload = new Workload(ledger, randomNumbers(seed));
    const publishers = await Promise.all(
      Array.from({ length: PUBLISHERS }, (_, index) => LedgerChannel.open(url, ledger, `publisher ${index}`)),
    );
    await declareCrashTopology((publishers[0] as LedgerChannel).channel);
    for (const queue of CONSUMED) await workload.#consume(url, queue);
    for (const publisher of publishers) workload.#ended.push(publisher.ended, workload.#publish(publisher));
    const transactions = await Transactions.open(port, ledger, randomNumbers(seed + 1));
    const changing = await connect(url, { noDelay: true });
    workload.#ended.push(transactions.run(), changes.run(changing, randomNumbers(seed + 2)));
    return workload;
  }

  /** Waits until every client has seen the end of its connection, and of all that came before it. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended);
  }

  async #publish(publisher: LedgerChannel): Promise<void> {
    while (publisher.alive) {
      while (publisher.alive && publisher.unconfirmed < UNCONFIRMED_MAX) {
        const { exchange, routingKey, queues } = this.#pick();
        const expires = queues[0] === REJECTS && this.#random(4) === 0;
        publisher.publish(exchange, routingKey, queues, expires ? String(this.#random(300)) : undefined);
        if (this.#random(BARRIER_EVERY) === 0) publisher.barrier();
      }
      await publisher.confirmed();
    }
  }

  #pick(): (typeof ROUTES)[number] {
    const long = this.#ledger.size > COPIES_MAX;
    for (;;) {
      const route = ROUTES[this.#random(ROUTES.length)] as (typeof ROUTES)[number];
      if (!long || route.queues.every((queue) => (CONSUMED as readonly string[]).includes(queue)))
        return route;
    }
  }

  async #consume(url: string, queue: string): Promise<void> {
    const consumer = await LedgerChannel.open(url, this.#ledger, `consumer of ${queue}`);
    this.#ended.push(consumer.ended);
    const held: Held[] = [];
    const dies = queue === REJECTS || queue === QUORUM;
    let count = 0;
    await consumer.consume(queue, PREFETCH, (one) => {
      const choice = this.#random(10);
      if (choice === 0) consumer.requeue(one);
      else if (choice < 4 && dies) consumer.bury(one);
      else held.push(one);
      if (choice > 6 || held.length > PREFETCH / 2) consumer.ack(held.splice(0));
      if (++count % BARRIER_EVERY === 0) consumer.barrier();
    });
  }
}
