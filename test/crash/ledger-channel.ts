// A channel whose every publish, delivery and settlement goes into the ledger.
//
// An ack has no answer. But what is published after it, on the same channel, to a queue that nobody
// consumes, is confirmed when it is on disk, and so was the ack then: this is a barrier.
import { type ChannelModel, type ConfirmChannel, connect, type Message } from 'amqplib';
import { bodyOf, identify } from './crash-message.js';
import { KEPT } from './crash-topology.js';
import type { Copy, Ledger } from './ledger.js';

/** A message in a client's hands. */
export interface Held {
  readonly message: Message;
  readonly copy: Copy;
}

export class LedgerChannel {
  readonly channel: ConfirmChannel;
  /** Resolves when the connection is gone and all that came before its end has been taken in. */
  readonly ended: Promise<void>;
  alive = true;
  unconfirmed = 0;
  readonly #model: ChannelModel;
  readonly #ledger: Ledger;
  readonly #publisher: string;
  #settling: (() => void)[] = [];
  readonly #returned = new Set<number>();
  #onConfirm: (() => void) | undefined;

  private constructor(model: ChannelModel, channel: ConfirmChannel, ledger: Ledger, publisher: string) {
    this.#model = model;
    this.channel = channel;
    this.#ledger = ledger;
    this.#publisher = publisher;
    this.ended = new Promise((resolve) => {
      model.once('close', () => {
        this.alive = false;
        this.#onConfirm?.();
        resolve();
      });
    });
    channel.on('error', (error: Error) => ledger.violate(`a channel was closed: ${error.message}`));
    channel.on('return', (message: Message) => {
      this.#returned.add(Number.parseInt(message.content.toString(), 10));
    });
  }

  static async open(url: string, ledger: Ledger, publisher: string): Promise<LedgerChannel> {
    const model = await connect(url, { noDelay: true });
    model.on('error', () => undefined);
    return new LedgerChannel(model, await model.createConfirmChannel(), ledger, publisher);
  }

  publish(exchange: string, routingKey: string, queues: readonly string[], expiration?: string): void {
    const id = this.#ledger.publish(this.#publisher, queues);
    const settling = this.#settling;
    if (routingKey === KEPT) this.#settling = [];
    this.unconfirmed++;
    const properties = {
      persistent: true,
      mandatory: true,
      ...(expiration === undefined ? {} : { expiration }),
    };
    this.channel.publish(exchange, routingKey, bodyOf(id), properties, (error: Error | null) => {
      this.unconfirmed--;
      // A nack comes only with an error of the broker's, the end of the connection as any other error.
      if (error !== null) {
        if (this.alive && error.message.includes('nacked')) this.#ledger.violate(`${id} was nacked`);
        return;
      }
      if (this.#returned.delete(id) !== (queues.length === 0)) this.#ledger.violate(`${id} was misrouted`);
      this.#ledger.confirm(id, queues);
      if (routingKey === KEPT) for (const settled of settling) settled();
      this.#onConfirm?.();
    });
  }

  /** Publishes what must not survive the broker, and is not seen before it ends. */
  publishTransient(queue: string): void {
    const id = this.#ledger.publish(this.#publisher, [queue]);
    this.#ledger.withdraw(id, [queue]);
    this.unconfirmed++;
    this.channel.publish('', queue, bodyOf(id), { persistent: false }, () => {
      this.unconfirmed--;
      this.#onConfirm?.();
    });
  }

  /** Publishes the barrier. */
  barrier(): void {
    this.publish('', KEPT, [KEPT]);
  }

  /** Resolves at the next confirm, or at the end. */
  confirmed(): Promise<void> {
    return new Promise((resolve) => {
      this.#onConfirm = resolve;
    });
  }

  async consume(queue: string, prefetch: number, take: (held: Held) => void): Promise<void> {
    await this.channel.prefetch(prefetch);
    await this.channel.consume(queue, (message) => {
      if (message === null) return this.#ledger.violate(`the consumer of ${queue} was cancelled`);
      const { content, properties, fields } = message;
      const found = identify(queue, content, properties.headers ?? {}, fields.redelivered);
      const copy = this.#ledger.deliver(found);
      if (copy !== undefined) take({ message, copy });
    });
  }

  /** Takes and acks the first messages of a queue, of which there are so many. */
  async takeFirst(queue: string, count: number): Promise<void> {
    const taken: Held[] = [];
    let delivered = 0;
    await this.channel.prefetch(count);
    await new Promise<void>((resolve) => {
      void this.channel.consume(queue, (message) => {
        const { content, properties, fields } = message as NonNullable<typeof message>;
        const found = identify(queue, content, properties.headers ?? {}, fields.redelivered);
        const copy = this.#ledger.deliver(found);
        if (copy !== undefined) taken.push({ message: message as NonNullable<typeof message>, copy });
        if (++delivered !== count) return;
        // Before the ack gives room for more.
        void this.channel.cancel(fields.consumerTag).then(() => resolve());
      });
    });
    this.ack(taken);
  }

  async close(): Promise<void> {
    await this.#model.close();
  }

  /** Acks the last of these, and with it all. */
  ack(held: readonly Held[]): void {
    for (const { copy } of held) {
      copy.settled = 'perhaps';
      this.#settling.push(() => {
        copy.settled = 'surely';
      });
    }
    const last = held.at(-1);
    if (last !== undefined) this.channel.ack(last.message, held.length > 1);
  }

  requeue({ message }: Held): void {
    this.channel.nack(message, false, true);
  }

  /** Refuses it for good: it becomes a dead letter. */
  bury({ message, copy }: Held): void {
    copy.buried = 'perhaps';
    this.#settling.push(() => {
      copy.buried = 'surely';
    });
    this.channel.reject(message, false);
  }
}
