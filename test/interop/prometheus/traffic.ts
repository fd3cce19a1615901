// What clients do while Prometheus looks: something of everything that the dashboard shows, by two libraries.
import { setTimeout as wait } from 'node:timers/promises';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { Connection } from 'rabbitmq-client';

/** What is there when the traffic has ended and its clients are still connected. */
export const STANDING = {
  connections: 2,
  channels: 5,
  publishers: 2,
  consumers: 2,
  queues: 5,
  ready: 7,
  unacked: 3,
  /** Of the messages that stay, in seconds since the epoch. */
  timestamp: 1_700_000_000,
} as const;

/** The bodies of a round's messages to `classic`: one of each. */
export const SIZES = [50, 500, 5000, 50_000] as const;

/** What each round does. */
export const ROUND = {
  received: SIZES.length + 6,
  confirmed: SIZES.length + 5,
  returned: 1,
  dropped: 1,
  routed: SIZES.length + 4,
  delivered: SIZES.length + 3,
  deliveredManual: 2,
  deliveredAutomatic: SIZES.length + 1,
  redelivered: 1,
  acknowledged: 2,
  fetchedManual: 1,
  fetchedAutomatic: 1,
  foundEmpty: 1,
  queuesDeclared: 2,
  queuesCreated: 1,
  queuesDeleted: 1,
  connections: 1,
  channels: 1,
} as const;

const ROUND_MS = 100;
const SMALL = Buffer.alloc(SIZES[0]);

/** Clients that publish, consume, fetch and come and go, round after round. */
export class Traffic {
  rounds = 0;
  private readonly url: string;
  private readonly amqplib: ChannelModel;
  private readonly publisher: ConfirmChannel;
  private readonly poller: Channel;
  private readonly other: Connection;
  private readonly otherChannel: OtherChannel;

  private constructor(parts: Parts) {
    this.url = parts.url;
    this.amqplib = parts.amqplib;
    this.publisher = parts.publisher;
    this.poller = parts.poller;
    this.other = parts.other;
    this.otherChannel = parts.otherChannel;
  }

  /** Connects, and makes what is there from then on. */
  static async start(url: string): Promise<Traffic> {
    const amqplib = await connect(url);
    const publisher = await amqplib.createConfirmChannel();
    publisher.on('return', () => undefined);
    const poller = await amqplib.createChannel();
    await publisher.assertExchange('orders', 'topic');
    for (const queue of ['classic', 'quorum', 'polled', 'waiting', 'empty']) {
      const type = queue === 'quorum' ? 'quorum' : 'classic';
      await publisher.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } });
      await publisher.bindQueue(queue, 'orders', queue);
    }
    const other = new Connection(url);
    const otherChannel = await other.acquire();
    const traffic = new Traffic({ url, amqplib, publisher, poller, other, otherChannel });
    await traffic.consume();
    await traffic.leaveWaiting();
    return traffic;
  }

  private async consume(): Promise<void> {
    const automatic = await this.amqplib.createChannel();
    await automatic.consume('classic', () => undefined, { noAck: true });
    const manual = await this.amqplib.createChannel();
    // Each message of the quorum queue comes twice.
    await manual.consume('quorum', (message) => {
      if (message === null) return;
      if (message.fields.redelivered) manual.ack(message);
      else manual.nack(message, false, true);
    });
  }

  /** Some messages stay where they are: ready, and unacked. */
  private async leaveWaiting(): Promise<void> {
    const { ready, unacked } = STANDING;
    for (let count = 0; count < ready + unacked; count++) {
      this.publisher.publish('orders', 'waiting', SMALL, { timestamp: STANDING.timestamp });
    }
    await this.publisher.waitForConfirms();
    for (let count = 0; count < unacked; count++) await this.poller.get('waiting');
  }

  /** Goes on for so long. */
  async run(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      await this.round();
      this.rounds++;
      // What is looked at are rates: it takes its time.
      await wait(ROUND_MS);
    }
  }

  private async round(): Promise<void> {
    const { publisher, poller } = this;
    for (const size of SIZES) publisher.publish('orders', 'classic', Buffer.alloc(size));
    publisher.publish('orders', 'quorum', SMALL);
    for (let count = 0; count < 2; count++) publisher.publish('orders', 'polled', SMALL);
    publisher.publish('orders', 'nowhere', SMALL, { mandatory: true });
    publisher.publish('orders', 'nowhere', SMALL);
    await publisher.waitForConfirms();
    await this.otherChannel.basicPublish({ exchange: 'orders', routingKey: 'classic' }, SMALL);
    const fetched = await poller.get('polled');
    if (fetched === false) throw new Error('what was confirmed cannot be fetched');
    poller.ack(fetched);
    await poller.get('polled', { noAck: true });
    await poller.get('empty');
    await this.comeAndGo();
  }

  private async comeAndGo(): Promise<void> {
    const passing = await connect(this.url);
    const channel = await passing.createChannel();
    for (let count = 0; count < 2; count++) await channel.assertQueue('passing');
    await channel.deleteQueue('passing');
    await channel.close();
    await passing.close();
  }

  /** Disconnects. */
  async stop(): Promise<void> {
    await this.otherChannel.close();
    await this.other.close();
    await this.amqplib.close();
  }
}

type OtherChannel = Awaited<ReturnType<Connection['acquire']>>;

interface Parts {
  readonly url: string;
  readonly amqplib: ChannelModel;
  readonly publisher: ConfirmChannel;
  readonly poller: Channel;
  readonly other: Connection;
  readonly otherChannel: OtherChannel;
}
