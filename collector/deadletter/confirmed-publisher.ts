/**
 * Publishes with `mandatory` and a confirm, and tells for each message whether a queue has it. Used
 * where a message must be safe in its new place before it is acked in the old one.
 */
import type { ChannelModel, ConfirmChannel, Message, Options } from 'amqplib';

/** `confirmed`: a queue has it. `returned`: the broker took it, and no queue wanted it. */
export type PublishOutcome = 'confirmed' | 'returned';

interface Pending {
  exchange: string;
  routingKey: string;
  messageId: unknown;
  content: Buffer;
  isReturned: boolean;
}

export class ConfirmedPublisher {
  readonly #channel: ConfirmChannel;
  /** In the order of publishing. Bounded by how many the caller has under way. */
  readonly #pending = new Set<Pending>();
  #isClosed = false;

  private constructor(channel: ConfirmChannel) {
    this.#channel = channel;
    channel.on('error', () => {});
    channel.on('close', () => {
      this.#isClosed = true;
    });
    channel.on('return', (message) => this.#onReturn(message));
  }

  /** Opens a channel of its own on a connection. */
  static async open(connection: ChannelModel): Promise<ConfirmedPublisher> {
    return new ConfirmedPublisher(await connection.createConfirmChannel());
  }

  /** Whether its channel is gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Publishes one message; rejects when the broker nacks it or the channel ends first. */
  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: Options.Publish,
  ): Promise<PublishOutcome> {
    const pending: Pending = {
      exchange,
      routingKey,
      messageId: options.messageId,
      content,
      isReturned: false,
    };
    return new Promise((resolve, reject) => {
      this.#pending.add(pending);
      const settle = (error: unknown): void => {
        this.#pending.delete(pending);
        if (error !== null && error !== undefined) reject(error as Error);
        else resolve(pending.isReturned ? 'returned' : 'confirmed');
      };
      try {
        this.#channel.publish(exchange, routingKey, content, { ...options, mandatory: true }, settle);
      } catch (error) {
        settle(error);
      }
    });
  }

  /**
   * A return comes before its confirm and does not say which publish it belongs to: it is the first
   * equal one that is under way. Two that are equal in all this go the same way, so either will do.
   */
  #onReturn({ fields, properties, content }: Message): void {
    for (const pending of this.#pending) {
      if (pending.isReturned || pending.exchange !== fields.exchange) continue;
      if (pending.routingKey !== fields.routingKey || pending.messageId !== properties.messageId) continue;
      if (!pending.content.equals(content)) continue;
      pending.isReturned = true;
      return;
    }
  }
}
