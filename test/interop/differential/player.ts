// Plays a script of AMQP operations to one broker and writes down all it says: one list of lines for each
// channel, in order. Lines of different channels have no order among each other: RabbitMQ gives none.
// What a broker makes up (queue names, consumer tags, times) is replaced by a mark.

import type { Properties } from '../wire/content.js';
import type { FieldTable } from '../wire/field-table.js';
import {
  answers,
  FrameClient,
  type OpenOptions,
  protocolHeader,
  type Received,
} from '../wire/frame-client.js';
import type { MethodArguments } from '../wire/method-table.js';
import { line } from './rendering.js';

/** What a broker said, by channel: `connection 1 channel 2` → lines. */
export type Transcript = Record<string, string[]>;

const unasked = new Set(['basic.deliver', 'basic.return', 'basic.ack', 'basic.nack', 'basic.cancel']);
const handshake = new Set(['connection.start', 'connection.tune', 'connection.open-ok', 'channel.open-ok']);

export class PlayedChannel {
  readonly connection: PlayedConnection;
  readonly number: number;
  #unaskedSeen = 0;

  constructor(connection: PlayedConnection, number: number) {
    this.connection = connection;
    this.number = number;
  }

  /** Sends a method without waiting. */
  send(name: string, values: MethodArguments = {}): void {
    this.connection.player.remember(name, values);
    this.connection.client.send(this.number, name, values);
  }

  /** Sends a method and waits for its answer, or for the close it earns. */
  async call(name: string, values: MethodArguments = {}): Promise<Received> {
    this.connection.player.remember(name, values);
    return this.connection.client.call(this.number, name, values);
  }

  async queue(queue: string, values: MethodArguments = {}): Promise<Received> {
    return this.call('queue.declare', { queue, ...values });
  }

  async exchange(exchange: string, type: string, values: MethodArguments = {}): Promise<Received> {
    return this.call('exchange.declare', { exchange, type, ...values });
  }

  async bind(queue: string, exchange: string, routingKey = '', args: FieldTable = {}): Promise<Received> {
    return this.call('queue.bind', { queue, exchange, routingKey, arguments: args });
  }

  async consume(queue: string, consumerTag: string, values: MethodArguments = {}): Promise<Received> {
    return this.call('basic.consume', { queue, consumerTag, ...values });
  }

  async get(queue: string, noAck = true): Promise<Received> {
    return this.call('basic.get', { queue, noAck });
  }

  publish(
    exchange: string,
    routingKey: string,
    body: string | Buffer = 'body',
    properties: Properties = {},
    values: MethodArguments = {},
  ): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.connection.client.publish(this.number, { exchange, routingKey, ...values }, properties, bytes);
  }

  /** Waits for `count` more deliveries, returns, confirms or cancels on this channel, or for its end. */
  async receive(count = 1): Promise<Received[]> {
    const { client } = this.connection;
    const mine = (): Received[] =>
      client.received.filter((item) => item.channel === this.number && unasked.has(item.name));
    const wanted = this.#unaskedSeen + count;
    while (mine().length < wanted) {
      const next = await client.next(
        (item) =>
          answers('receive', this.number, item) || (item.channel === this.number && unasked.has(item.name)),
        client.received.length,
      );
      if (!unasked.has(next.name)) {
        if (next.name === 'timeout') {
          client.received.push({
            channel: this.number,
            name: `timeout: ${mine().length - this.#unaskedSeen} of ${count} came`,
            arguments: {},
          });
        }
        break;
      }
    }
    const received = mine().slice(this.#unaskedSeen, wanted);
    this.#unaskedSeen += received.length;
    return received;
  }

  /** Waits until the broker has dealt with all that was sent on this channel; is not written down. */
  async settle(): Promise<void> {
    const { client } = this.connection;
    const reply = await client.call(this.number, 'exchange.declare', {
      exchange: 'amq.direct',
      passive: true,
    });
    if (reply.name === 'exchange.declare-ok') client.received.splice(client.received.indexOf(reply), 1);
  }

  /** Waits for the channel's or the connection's close. */
  async closed(): Promise<void> {
    const { client } = this.connection;
    await client.next((item) => answers('closed', this.number, item));
  }
}

export class PlayedConnection {
  readonly player: Player;
  readonly client: FrameClient;
  readonly channels: PlayedChannel[] = [];

  constructor(player: Player, client: FrameClient) {
    this.player = player;
    this.client = client;
  }

  async channel(number = this.channels.length + 1): Promise<PlayedChannel> {
    const channel = new PlayedChannel(this, number);
    this.channels.push(channel);
    await this.client.call(number, 'channel.open');
    return channel;
  }

  /** Waits for the end of the socket. */
  async ended(): Promise<void> {
    await this.client.next((item) => item.name === 'socket.closed');
  }

  /** Closes in good order; what is written down so far stays. */
  async close(): Promise<void> {
    const over = this.client.received.some((item) => item.name === 'connection.close-ok');
    if (!over && !this.client.ended) await this.client.call(0, 'connection.close', { replyCode: 200 });
    this.client.destroy();
  }
}

export class Player {
  readonly host: string;
  readonly port: number;
  readonly connections: PlayedConnection[] = [];
  #queues = new Set<string>();
  #exchanges = new Set<string>();

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }

  async connection(options: OpenOptions = {}): Promise<PlayedConnection> {
    const client = await FrameClient.open(this.host, this.port, options);
    const connection = new PlayedConnection(this, client);
    this.connections.push(connection);
    return connection;
  }

  /** A connection that has said nothing yet but, unless told otherwise, the protocol header. */
  unopened(header: Buffer | null = protocolHeader, options: OpenOptions = {}): PlayedConnection {
    const connection = new PlayedConnection(this, new FrameClient(this.host, this.port, options));
    if (header) connection.client.sendBytes(header);
    this.connections.push(connection);
    return connection;
  }

  async channel(options: OpenOptions = {}): Promise<PlayedChannel> {
    return (await this.connection(options)).channel();
  }

  /** Remembers what a script declares, so that it can be deleted after. */
  remember(name: string, values: MethodArguments): void {
    const queue = String(values['queue'] ?? '');
    const exchange = String(values['exchange'] ?? '');
    if (name === 'queue.declare' && queue.startsWith('warren.')) this.#queues.add(queue);
    if (name === 'exchange.declare' && exchange.startsWith('warren.')) this.#exchanges.add(exchange);
  }

  /** Polls until `queue` has `count` ready messages; is not written down. */
  async untilReady(queue: string, count: number): Promise<void> {
    const declaration = { queue, passive: true };
    await this.#until('queue.declare', declaration, (reply) => reply.arguments['messageCount'] === count);
  }

  /** Gets on `channel` until there is a message; what was empty is not written down. */
  async untilGot(channel: PlayedChannel, queue: string, noAck = true): Promise<Received> {
    const { received } = channel.connection.client;
    const deadline = Date.now() + 5_000;
    for (;;) {
      const reply = await channel.get(queue, noAck);
      if (reply.name !== 'basic.get-empty' || Date.now() > deadline) return reply;
      received.splice(received.indexOf(reply), 1);
    }
  }

  /**
   * Polls until `queue` is not there any more; is not written down. It asks by binding: a declare,
   * even a passive one, is a use of the queue that puts its expiry off.
   */
  async untilGone(queue: string): Promise<void> {
    const binding = { queue, exchange: 'amq.direct', routingKey: 'still there' };
    await this.#until('queue.bind', binding, (reply) => reply.name === 'channel.close');
  }

  async #until(name: string, values: MethodArguments, reached: (reply: Received) => boolean): Promise<void> {
    const client = await FrameClient.open(this.host, this.port);
    const deadline = Date.now() + 5_000;
    for (;;) {
      await client.call(1, 'channel.open');
      const reply = await client.call(1, name, values);
      if (reached(reply) || Date.now() > deadline) break;
      await client.call(1, 'channel.close', { replyCode: 200 });
    }
    client.destroy();
  }

  /** Settles what is under way, writes the transcript, and removes all that the script made. */
  async finish(): Promise<Transcript> {
    for (const connection of this.connections) {
      for (const channel of connection.channels) {
        const { client } = connection;
        const over = client.received.some(
          (item) => item.channel === channel.number && /^channel\.close(-ok)?$/.test(item.name),
        );
        const closing = client.received.some((item) => item.name.startsWith('connection.close'));
        if (!over && !closing && !client.ended) await channel.settle();
      }
      if (connection.client.received.some((item) => item.name === 'connection.close'))
        await connection.ended();
    }
    const transcript = this.#transcript();
    for (const connection of this.connections) {
      if (connection.channels.length > 0) await connection.close();
      else connection.client.destroy();
    }
    await this.#removeAll();
    return transcript;
  }

  #transcript(): Transcript {
    const transcript: Transcript = {};
    for (const [index, connection] of this.connections.entries()) {
      for (const received of connection.client.received) {
        if (handshake.has(received.name) && connection.channels.length > 0) continue;
        const key = `connection ${index + 1} channel ${received.channel}`;
        transcript[key] ??= [];
        transcript[key].push(line(received));
      }
    }
    return transcript;
  }

  async #removeAll(): Promise<void> {
    const client = await FrameClient.open(this.host, this.port);
    for (const queue of this.#queues) {
      await client.call(1, 'channel.open');
      await client.call(1, 'queue.delete', { queue });
      await client.call(1, 'channel.close', { replyCode: 200 });
    }
    for (const exchange of this.#exchanges) {
      await client.call(1, 'channel.open');
      await client.call(1, 'exchange.delete', { exchange });
      await client.call(1, 'channel.close', { replyCode: 200 });
    }
    client.destroy();
  }
}
