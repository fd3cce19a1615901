/** Where dead letters go: through the exchange that their queue names, to queues they have not come round to. */
import { FRAME_OVERHEAD_BYTES } from '../protocol/constants.js';
import { buildImage } from '../protocol/content-assembler.js';
import { encodeShortString } from '../protocol/frame-writer.js';
import { buryMessage, type DeadLetter, isCycle } from '../queue/dead-letter.js';
import type { Entry } from '../queue/entry.js';
import type { Queue } from '../queue/queue.js';
import type { Attempt, DeathReason } from '../queue/queue-host.js';
import { Message } from '../store/message.js';
import type { Exchange } from './exchange.js';
import { route } from './route.js';
import { RoutedMessage } from './routed-message.js';
import type { VirtualHost } from './virtual-host.js';

export class DeadLettering {
  private readonly virtualHost: VirtualHost;

  constructor(virtualHost: VirtualHost) {
    this.virtualHost = virtualHost;
  }

  /** Publishes the dead letter of a message; undefined when there is no exchange for it. */
  publish(message: Message, queue: Queue, reason: DeathReason): Message | undefined {
    const exchange = this.exchangeOf(queue);
    if (exchange === undefined) return undefined;
    const letter = this.letterOf(message, queue, reason);
    const dead = this.messageOf(letter, message, exchange);
    this.virtualHost.publish(dead, this.targetsOf(dead, letter, exchange, reason));
    return dead;
  }

  /** Publishes it to those of its queues that do not have it and do not refuse it. */
  handOver(entry: Entry, reason: DeathReason, settled: ReadonlySet<Queue>): Attempt {
    const exchange = this.exchangeOf(entry.queue);
    if (exchange === undefined) return { letter: undefined, taken: [], refused: 0 };
    const letter = this.letterOf(entry.message, entry.queue, reason);
    const dead = this.messageOf(letter, entry.message, exchange);
    const open = this.targetsOf(dead, letter, exchange, reason).filter((queue) => !settled.has(queue));
    const taken = open.filter((queue) => !queue.refusesPublish);
    const refused = open.length - taken.length;
    if (taken.length === 0) return { letter: undefined, taken, refused };
    if (taken.length > 1) dead.shared = true;
    for (const queue of taken) queue.publish(dead);
    for (const queue of taken) queue.dropExcess();
    return { letter: dead, taken, refused };
  }

  private exchangeOf(queue: Queue): Exchange | undefined {
    const { deadLetterExchange } = queue.settings;
    return deadLetterExchange === undefined ? undefined : this.virtualHost.exchange(deadLetterExchange);
  }

  private letterOf(message: Message, queue: Queue, reason: DeathReason): DeadLetter {
    if (message.buffer === undefined) this.virtualHost.store.load(message, queue);
    return buryMessage(message, queue, reason);
  }

  private targetsOf(
    dead: Message,
    letter: DeadLetter,
    exchange: Exchange,
    reason: DeathReason,
  ): readonly Queue[] {
    const queues = route(this.virtualHost, exchange, new RoutedMessage(dead, letter.routingKeys));
    return reason === 'rejected' ? queues : queues.filter((queue) => !isCycle(queue, letter.deaths));
  }

  private messageOf(letter: DeadLetter, message: Message, { name: exchange }: Exchange): Message {
    const { header, routingKeys, blindKeys, persistent } = letter;
    const routingKey = routingKeys[0] as string;
    const bodyStart = message.offset + message.headerBytes + FRAME_OVERHEAD_BYTES;
    const body = (message.buffer as Buffer).subarray(bodyStart, bodyStart + message.bodyBytes);
    const encoded = Buffer.concat([encodeShortString(exchange), encodeShortString(routingKey)]);
    const address = { exchange, routingKey, encoded, trail: { died: true, blindKeys } };
    const id = this.virtualHost.ids.nextMessage++;
    const dead = new Message(id, address, buildImage(header, body), 0, header.length, message.bodyBytes);
    dead.persistent = persistent;
    dead.priority = message.priority;
    return dead;
  }
}
