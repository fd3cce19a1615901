/**
 * Direct reply-to: a channel that consumes from the pseudo-queue `amq.rabbitmq.reply-to` gets a name
 * of its own, which its requests carry; what is published to that name through the default exchange
 * goes straight to the channel.
 */
import { randomBytes } from 'node:crypto';
import type { Message } from '../store/message.js';

export const REPLY_QUEUE = 'amq.rabbitmq.reply-to';

export interface ReplyConsumer {
  deliverReply(message: Message): void;
}

export class DirectReplies {
  private readonly byName = new Map<string, ReplyConsumer>();

  /** Makes a name for a channel. */
  register(consumer: ReplyConsumer): string {
    const name = `${REPLY_QUEUE}.${randomBytes(18).toString('base64url')}`;
    this.byName.set(name, consumer);
    return name;
  }

  unregister(name: string): void {
    this.byName.delete(name);
  }

  find(exchange: string, routingKey: string): ReplyConsumer | undefined {
    return exchange === '' && this.byName.size > 0 ? this.byName.get(routingKey) : undefined;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }
}
