// A channel of a generated script: what it holds open, and how it is opened again after an error.
import type { Received } from '../wire/frame-client.js';
import type { MethodArguments } from '../wire/method-table.js';
import type { PlayedChannel } from './player.js';

export type Mode = 'plain' | 'confirms' | 'transaction';

export class GeneratedChannel {
  readonly channel: PlayedChannel;
  readonly mode: Mode;
  /** What it consumes; a channel has one consumer at most, as those of two queues would race. */
  consumed: { readonly queue: string; readonly noAck: boolean } | undefined;
  /** Delivery tags that may be settled, oldest first. */
  unacked: number[] = [];
  /** Those that a transaction has settled but not committed. */
  #uncommitted: number[] = [];
  #seen = 0;

  constructor(channel: PlayedChannel, mode: Mode) {
    this.channel = channel;
    this.mode = mode;
  }

  async select(): Promise<void> {
    if (this.mode === 'confirms') await this.channel.call('confirm.select');
    if (this.mode === 'transaction') await this.channel.call('tx.select');
  }

  /** Calls a method; an error closes the channel, which is opened again. */
  async call(name: string, values: MethodArguments = {}): Promise<Received> {
    const reply = await this.channel.call(name, values);
    if (reply.name === 'channel.close') await this.#reopen();
    return reply;
  }

  async #reopen(): Promise<void> {
    this.consumed = undefined;
    this.unacked = [];
    this.#uncommitted = [];
    await this.channel.call('channel.open');
    this.#seen = this.#deliveries.length;
    await this.select();
  }

  get #deliveries(): Received[] {
    const { connection, number } = this.channel;
    return connection.client.received.filter(
      ({ channel, name }) => channel === number && name === 'basic.deliver',
    );
  }

  /**
   * Waits until all that the broker has to say on this channel has come: each queue is asked something, after
   * which its deliveries to this channel are under way, and then the channel itself. Is not written down.
   */
  async settle(queues: readonly string[]): Promise<void> {
    const { connection, number } = this.channel;
    const { client } = connection;
    const from = client.received.length;
    for (const queue of queues) client.send(number, 'queue.declare', { queue, passive: true });
    const last = await client.call(number, 'exchange.declare', { exchange: 'amq.direct', passive: true });
    let asked = last.name === 'exchange.declare-ok' ? queues.length + 1 : 0;
    for (let index = from; asked > 0 && index < client.received.length; ) {
      const { channel, name } = client.received[index] as Received;
      if (channel === number && /^(queue|exchange)\.declare-ok$/.test(name)) {
        client.received.splice(index, 1);
        asked -= 1;
      } else index += 1;
    }
    if (last.name === 'channel.close') await this.#reopen();
    this.#noteDeliveries();
  }

  #noteDeliveries(): void {
    const fresh = this.#deliveries.slice(this.#seen);
    this.#seen += fresh.length;
    if (this.consumed?.noAck) return;
    for (const { arguments: values } of fresh) this.unacked.push(Number(values['deliveryTag']));
  }

  async get(queue: string, noAck: boolean): Promise<void> {
    const reply = await this.channel.get(queue, noAck);
    if (reply.name === 'basic.get-ok' && !noAck) this.unacked.push(Number(reply.arguments['deliveryTag']));
  }

  /** Acks, nacks or rejects. */
  resolve(method: string, deliveryTag: number, multiple: boolean, requeue: boolean): void {
    const covered = this.unacked.filter((tag) => (multiple ? tag <= deliveryTag : tag === deliveryTag));
    this.unacked = this.unacked.filter((tag) => !covered.includes(tag));
    if (this.mode === 'transaction') this.#uncommitted.push(...covered);
    this.channel.send(method, { deliveryTag, multiple, requeue });
  }

  async end(method: 'tx.commit' | 'tx.rollback'): Promise<void> {
    const uncommitted = this.#uncommitted;
    this.#uncommitted = [];
    if (method === 'tx.rollback') {
      this.unacked = [...this.unacked, ...uncommitted].sort((left, right) => left - right);
    }
    await this.call(method);
  }
}
