/**
 * A channel of a program that embeds the broker. Calls resolve with the broker's answer; what closes the
 * channel rejects those that wait, and every later one, with an EmbeddedError.
 */
import type { Method } from '../protocol/method-codec.js';
import { type PlainTable, toFieldTable } from '../protocol/plain-values.js';
import { TICKET } from './channel-requests.js';
import { ChannelTopology } from './channel-topology.js';
import { EmbeddedError } from './embedded-error.js';
import {
  Delivery,
  type MessageProperties,
  type ReceivedContent,
  ReceivedMessage,
  type Settler,
} from './message.js';
import { Outstanding } from './outstanding.js';
import { runProgram } from './program-code.js';

export interface ConsumeOptions {
  readonly noAck?: boolean;
  readonly exclusive?: boolean;
  /** Made up by the broker where none is given. */
  readonly consumerTag?: string;
  readonly arguments?: PlainTable;
}

export class EmbeddedChannel extends ChannelTopology implements Settler {
  private readonly consumers = new Map<string, (delivery: Delivery) => void>();
  private outstanding: Outstanding | undefined;

  /** Opens the channel; used by its connection alone. */
  async open(transactional: boolean): Promise<void> {
    await this.call('channel.open', { outOfBand: '' });
    if (transactional) {
      await this.call('tx.select', {});
    } else {
      await this.call('confirm.select', { nowait: false });
      this.outstanding = new Outstanding();
    }
  }

  /**
   * Publishes a message. Resolves when it is safe: in every durable queue it was routed to it is on disk.
   * Waits first while the broker is short of memory or disk. On a transactional channel it resolves at
   * once, and the message is published by `commit`.
   *
   * Rejects with an EmbeddedError: 311 when a queue refused it for its length, 312 when it is `mandatory`
   * and no queue took it, else with what closed the channel.
   */
  async publish(
    exchange: string,
    routingKey: string,
    body: string | Uint8Array,
    properties: MessageProperties = {},
    { mandatory = false } = {},
  ): Promise<void> {
    await this.connection.room(this.whenEnded.happened);
    if (this.end !== undefined) throw this.end;
    const bytes =
      typeof body === 'string'
        ? Buffer.from(body)
        : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const args = { ticket: TICKET, exchange, routingKey, mandatory, immediate: false };
    const returned = this.connection.publish(this.number, args, properties, bytes);
    await this.outstanding?.add(returned);
  }

  /**
   * Consumes from a queue: `listener` is called for each delivery. Resolves with the consumer tag.
   * An exception of the listener is the program's own: it is thrown outside of the broker.
   */
  async consume(
    queue: string,
    listener: (delivery: Delivery) => unknown,
    options: ConsumeOptions = {},
  ): Promise<string> {
    const { noAck = false, exclusive = false, consumerTag = '' } = options;
    const flags = { noLocal: false, noAck, exclusive, nowait: false };
    const args = toFieldTable(options.arguments ?? {});
    const run = (delivery: Delivery): void => runProgram(() => listener(delivery));
    const asked = { ticket: TICKET, queue, consumerTag, ...flags, arguments: args };
    // Deliveries follow consume-ok at once.
    const { method } = await this.call('basic.consume', asked, (reply) => {
      if (reply.method.name === 'basic.consume-ok') this.consumers.set(reply.method.args.consumerTag, run);
    });
    return (method as Extract<Method, { name: 'basic.consume-ok' }>).args.consumerTag;
  }

  /** Ends a consumer; what it has unacked stays so. */
  async cancel(consumerTag: string): Promise<void> {
    await this.call('basic.cancel', { consumerTag, nowait: false });
    this.consumers.delete(consumerTag);
  }

  /** Fetches one message; undefined when there is none. */
  async get(queue: string, { noAck = false } = {}): Promise<Delivery | undefined> {
    const { method, content } = await this.call('basic.get', { ticket: TICKET, queue, noAck });
    if (method.name !== 'basic.get-ok' || content === undefined) return undefined;
    return new Delivery(content, method.args, this);
  }

  /** How many deliveries may be unacked: each later consumer's, or with `global` the channel's. 0 for no limit. */
  async prefetch(count: number, { global = false } = {}): Promise<void> {
    await this.call('basic.qos', { prefetchSize: 0, prefetchCount: count, global });
  }

  /** Everything unacked goes back to its queues. */
  async recover(): Promise<void> {
    await this.call('basic.recover', { requeue: true });
  }

  /** Makes the publishes and acks since the last one valid; for transactional channels. */
  async commit(): Promise<void> {
    await this.call('tx.commit', {});
  }

  /** Forgets the publishes and acks since the last commit. */
  async rollback(): Promise<void> {
    await this.call('tx.rollback', {});
  }

  async close(): Promise<void> {
    await this.call('channel.close', { replyCode: 200, replyText: '', classId: 0, methodId: 0 });
    this.ended(undefined);
  }

  settle(name: 'basic.ack' | 'basic.nack', deliveryTag: number, multiple: boolean, requeue: boolean): void {
    if (this.end !== undefined) throw this.end;
    if (name === 'basic.ack') this.connection.send(this.number, name, { deliveryTag, multiple });
    else this.connection.send(this.number, name, { deliveryTag, multiple, requeue });
  }

  /** Takes a method of the broker's; called by the connection alone. */
  receive(method: Method, content: ReceivedContent | undefined): void {
    switch (method.name) {
      case 'basic.deliver':
        this.consumers.get(method.args.consumerTag)?.(
          new Delivery(content as ReceivedContent, method.args, this),
        );
        return;
      case 'basic.return': {
        const { properties, body } = content as ReceivedContent;
        const { exchange, routingKey } = method.args;
        runProgram(() => this.emit('return', new ReceivedMessage(exchange, routingKey, properties, body)));
        return;
      }
      case 'basic.ack':
      case 'basic.nack':
        this.outstanding?.confirmed(
          method.args.deliveryTag,
          method.args.multiple,
          method.name === 'basic.ack',
        );
        return;
      case 'basic.cancel':
        this.consumers.delete(method.args.consumerTag);
        runProgram(() => this.emit('cancel', method.args.consumerTag));
        return;
      case 'channel.close':
        this.connection.send(this.number, 'channel.close-ok', {});
        this.ended(new EmbeddedError(method.args.replyCode, method.args.replyText));
        return;
      default:
        this.answered({ method, content });
    }
  }

  override ended(error: EmbeddedError | undefined): void {
    super.ended(error);
    this.outstanding?.abandon(this.end as EmbeddedError);
    this.consumers.clear();
  }
}
