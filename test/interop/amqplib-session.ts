// One amqplib connection and channel for a test, the queues and exchanges that go with it, and their end.
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  connect,
  type GetMessage,
  type Options,
} from 'amqplib';

/** What a consumer received, one message after the other. */
export interface Inbox {
  readonly tag: string;
  /** The next message, or null when the broker cancelled the consumer. */
  next(): Promise<ConsumeMessage | null>;
  waiting(): number;
}

export class AmqplibSession {
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
  #exchanges: string[] = [];

  constructor(connection: ChannelModel, channel: ConfirmChannel) {
    this.connection = connection;
    this.channel = channel;
  }

  static async open(url: string): Promise<AmqplibSession> {
    const connection = await connect(url);
    connection.on('error', () => {});
    return new AmqplibSession(connection, await connection.createConfirmChannel());
  }

  /** A queue that goes with this connection. */
  async queue(args: Record<string, unknown> = {}, options: Options.AssertQueue = {}): Promise<string> {
    const name = `warren.amqplib.${randomUUID()}`;
    await this.channel.assertQueue(name, { exclusive: true, ...options, arguments: args });
    return name;
  }

  async exchange(type: string): Promise<string> {
    const name = `warren.amqplib.${randomUUID()}`;
    await this.channel.assertExchange(name, type, { durable: false });
    this.#exchanges.push(name);
    return name;
  }

  async consume(queue: string, options: Options.Consume = {}): Promise<Inbox> {
    const arrivals = new EventEmitter();
    const messages: Array<ConsumeMessage | null> = [];
    const take = (message: ConsumeMessage | null): void => {
      messages.push(message);
      arrivals.emit('message');
    };
    const { consumerTag } = await this.channel.consume(queue, take, options);
    return {
      tag: consumerTag,
      waiting: () => messages.length,
      next: async () => {
        while (messages.length === 0) await once(arrivals, 'message', { signal: AbortSignal.timeout(5_000) });
        return messages.shift() ?? null;
      },
    };
  }

  /** Publishes to a queue and waits for the confirm. */
  async send(queue: string, text: string, options: Options.Publish = {}): Promise<void> {
    this.channel.sendToQueue(queue, Buffer.from(text), options);
    await this.channel.waitForConfirms();
  }

  /** Gets a message that must be there. */
  async take(queue: string, options: Options.Get = {}): Promise<GetMessage> {
    const message = await this.channel.get(queue, options);
    if (!message) throw new Error(`${queue} is empty`);
    return message;
  }

  /** The error that closes a new channel while `act` runs on it. */
  async channelError(act: (channel: Channel) => unknown): Promise<Error & { code?: number }> {
    const doomed = await this.connection.createChannel();
    const failed = once(doomed, 'error');
    await Promise.allSettled([act(doomed)]);
    const [error] = (await failed) as [Error & { code?: number }];
    return error;
  }

  async close(): Promise<void> {
    const cleaning = await this.connection.createChannel();
    for (const exchange of this.#exchanges) await cleaning.deleteExchange(exchange);
    await this.connection.close();
  }
}
