// A client that takes messages, publishes others in their place, and commits both at once, or thinks
// better of it. It speaks frame by frame: the usual library has no transactions.
import { answers, FrameClient, type Received } from '../interop/wire/frame-client.js';
import { bodyOf, identify } from './crash-message.js';
import { TX_IN, TX_OUT } from './crash-topology.js';
import type { Copy, Ledger } from './ledger.js';

const PREFETCH = 30;
const ROLLBACK_EVERY = 4;

export class Transactions {
  readonly #client: FrameClient;
  readonly #ledger: Ledger;
  readonly #random: (limit: number) => number;
  #seen = 0;
  #held: { tag: number; copy: Copy }[] = [];

  private constructor(client: FrameClient, ledger: Ledger, random: (limit: number) => number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#random = random;
  }

  static async open(port: number, ledger: Ledger, random: (limit: number) => number): Promise<Transactions> {
    const client = await FrameClient.open('127.0.0.1', port);
    await client.call(1, 'channel.open');
    await client.call(1, 'tx.select');
    await client.call(1, 'basic.qos', { prefetchCount: PREFETCH });
    const transactions = new Transactions(client, ledger, random);
    await client.call(1, 'basic.consume', { queue: TX_IN });
    return transactions;
  }

  /** Goes on until the connection is gone. */
  async run(): Promise<void> {
    const client = this.#client;
    while (!client.ended) {
      await this.#receive();
      if (!client.ended) await this.#transaction();
    }
    this.#take();
    client.destroy();
  }

  /** Waits for a delivery, unless there is one in hand. */
  async #receive(): Promise<void> {
    const wanted = ({ name }: Received): boolean => name === 'basic.deliver' || name === 'socket.closed';
    if (this.#held.length === 0) await this.#client.next(wanted, this.#seen, 200);
    this.#take();
  }

  #take(): void {
    const { received } = this.#client;
    for (; this.#seen < received.length; this.#seen++) {
      const { name, arguments: values, properties, body } = received[this.#seen] as Received;
      if (name !== 'basic.deliver') continue;
      const headers = (properties?.['headers'] ?? {}) as Record<string, unknown>;
      const found = identify(TX_IN, body as Buffer, headers, Boolean(values['redelivered']));
      const copy = this.#ledger.deliver(found);
      if (copy !== undefined) this.#held.push({ tag: Number(values['deliveryTag']), copy });
    }
  }

  async #transaction(): Promise<void> {
    const client = this.#client;
    const ids: number[] = [];
    for (let left = 1 + this.#random(4); left > 0; left--) {
      const id = this.#ledger.publish('transactions', [TX_OUT]);
      client.publish(1, { routingKey: TX_OUT }, { deliveryMode: 2 }, bodyOf(id));
      ids.push(id);
    }
    const acked = this.#held.slice(0, this.#random(8));
    const last = acked.at(-1);
    if (last !== undefined) client.send(1, 'basic.ack', { deliveryTag: last.tag, multiple: true });
    if (this.#random(ROLLBACK_EVERY) === 0) {
      for (const id of ids) this.#ledger.withdraw(id, [TX_OUT]);
      await client.call(1, 'tx.rollback');
      return;
    }
    for (const { copy } of acked) copy.settled = 'perhaps';
    this.#held = this.#held.slice(acked.length);
    if (!(await this.#commit())) return;
    for (const id of ids) this.#ledger.confirm(id, [TX_OUT]);
    for (const { copy } of acked) copy.settled = 'surely';
  }

  async #commit(): Promise<boolean> {
    const client = this.#client;
    const from = client.received.length;
    client.send(1, 'tx.commit');
    const answer = await client.next((one) => answers('tx.commit', 1, one), from, 60_000);
    if (answer.name === 'channel.close') this.#ledger.violate(`a commit failed: ${JSON.stringify(answer)}`);
    return answer.name === 'tx.commit-ok';
  }
}
