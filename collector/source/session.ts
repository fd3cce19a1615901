/**
 * One connection to the broker: declares the topology, consumes, acks what is settled. Ends with its
 * connection and is never used again; the source opens the next one.
 */
import type { Channel, ChannelModel, ConsumeMessage, Message } from 'amqplib';
import type { Origin } from '../batch/item.js';
import { topologyRefused } from '../errors.js';
import { declareTopology, type Topology } from '../topology.js';
import { type Acknowledgement, Acknowledgements } from './acknowledgements.js';
import { closeQuietly, connectToBroker } from './broker-connection.js';

/** How long an ack waits for the older deliveries, so that one ack can cover them all. */
const SINGLE_ACK_AFTER_MS = 200;

export interface SessionOptions {
  brokerUrl: string;
  topology: Topology;
  prefetch: number;
}

/** Takes a delivery; `origin` is where its outcome has to be told. */
export type OnDelivery = (delivery: ConsumeMessage, origin: Origin) => void;

export class Session implements Origin {
  readonly #connection: ChannelModel;
  readonly #channel: Channel;
  readonly #queue: string;
  readonly #acknowledgements = new Acknowledgements();
  readonly #onClose: (reason: string) => void;
  #closeReason = 'the connection was closed';
  #isClosed = false;
  #consumerTag: string | undefined;
  #isAckDue = false;
  #singlesTimer: NodeJS.Timeout | undefined;

  private constructor(
    connection: ChannelModel,
    channel: Channel,
    queue: string,
    onClose: (reason: string) => void,
  ) {
    this.#connection = connection;
    this.#channel = channel;
    this.#queue = queue;
    this.#onClose = onClose;
    const remember = (error: Error): void => {
      this.#closeReason = error.message;
    };
    connection.on('error', remember);
    connection.on('close', () => this.#end());
    channel.on('error', remember);
    channel.on('close', () => this.#end());
  }

  /**
   * Connects and declares.
   *
   * @param onClose called once, when the connection or the channel is gone, whoever closed it
   * @throws {CollectorError}
   */
  static async open(options: SessionOptions, onClose: (reason: string) => void): Promise<Session> {
    const connection = await connectToBroker(options.brokerUrl, 'warren collector');
    try {
      const declaring = await connection.createChannel();
      declaring.on('error', () => {});
      await declareTopology(declaring, options.topology);
      await declaring.close();
      const channel = await connection.createChannel();
      await channel.prefetch(options.prefetch);
      return new Session(connection, channel, options.topology.indexQueue, onClose);
    } catch (error) {
      await closeQuietly(connection);
      throw topologyRefused(options.brokerUrl, error);
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many deliveries are held. */
  get unackedCount(): number {
    return this.#acknowledgements.openCount + this.#acknowledgements.settledCount;
  }

  /** Begins to take deliveries. */
  async consume(onDelivery: OnDelivery): Promise<void> {
    const { consumerTag } = await this.#channel.consume(this.#queue, (delivery) => {
      // The broker cancels a consumer whose queue is deleted: declare anew, in a new session.
      if (delivery === null) void this.close();
      else {
        this.#acknowledgements.add(delivery.fields.deliveryTag);
        onDelivery(delivery, this);
      }
    });
    this.#consumerTag = consumerTag;
  }

  /** Takes no more deliveries; those that are held can still be settled. */
  async cancel(): Promise<void> {
    if (this.#isClosed || this.#consumerTag === undefined) return;
    await this.#channel.cancel(this.#consumerTag).catch(() => {});
  }

  settle(deliveryTag: number): void {
    if (this.#isClosed) return;
    this.#acknowledgements.settle(deliveryTag);
    if (this.#isAckDue) return;
    this.#isAckDue = true;
    setImmediate(() => this.#acknowledge());
  }

  /** Acks what is settled and closes; the rest is the broker's again. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#acknowledge();
      for (const single of this.#acknowledgements.takeSingles()) this.#send(single);
      await closeQuietly(this.#channel);
    }
    await closeQuietly(this.#connection);
    this.#end();
  }

  #acknowledge(): void {
    this.#isAckDue = false;
    if (this.#isClosed) return;
    const multiple = this.#acknowledgements.takeMultiple();
    if (multiple !== undefined) this.#send(multiple);
    if (this.#acknowledgements.settledCount === 0) return;
    this.#singlesTimer ??= setTimeout(() => {
      this.#singlesTimer = undefined;
      this.#acknowledge();
      for (const single of this.#acknowledgements.takeSingles()) this.#send(single);
    }, SINGLE_ACK_AFTER_MS);
  }

  #send({ deliveryTag, multiple }: Acknowledgement): void {
    if (this.#isClosed) return;
    try {
      this.#channel.ack({ fields: { deliveryTag } } as Message, multiple);
    } catch {
      // The channel closed in this very turn: the broker hands the delivery out again.
    }
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#singlesTimer);
    void closeQuietly(this.#connection);
    this.#onClose(this.#closeReason);
  }
}
