/** A queue with a clock of its own and nothing around it, for tests: its dead letters are only noted. */
import { EMPTY_TABLE, type FieldTable, type FieldValue } from '../../broker/protocol/field-table.js';
import { parseQueueArguments } from '../../broker/queue/arguments.js';
import { Changes } from '../../broker/queue/changes.js';
import { Consumer, type ConsumerOptions, type Subscriber } from '../../broker/queue/consumer.js';
import { DeliveryCounters } from '../../broker/queue/counters.js';
import type { Entry } from '../../broker/queue/entry.js';
import { HostCounters } from '../../broker/queue/host-counters.js';
import { PageBudget } from '../../broker/queue/page-budget.js';
import { Queue } from '../../broker/queue/queue.js';
import type { DeathReason, QueueHost } from '../../broker/queue/queue-host.js';
import { QuorumQueue } from '../../broker/queue/quorum-queue.js';
import { NO_POLICIES } from '../../broker/queue/settings.js';
import { Message, UNREAD_ADDRESS } from '../../broker/store/message.js';
import { MemoryStore } from '../../broker/store/store.js';
import { ManualClock } from './manual-clock.js';

/** The arguments of a queue from plain numbers, strings and booleans. */
export function argumentsOf(values: Record<string, number | string | boolean | undefined>): FieldTable {
  const table = new Map<string, FieldValue>();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number') table.set(name, { type: 'signedint', value });
    else if (typeof value === 'boolean') table.set(name, { type: 'bool', value });
    else if (value !== undefined) table.set(name, { type: 'longstr', value: Buffer.from(value) });
  }
  return table;
}

export class QueueUnderTest {
  readonly clock = new ManualClock();
  readonly queue: Queue;
  /** What was dead-lettered, in order. */
  readonly dead: [id: number, reason: DeathReason][] = [];
  /** Who was given what, in order. */
  readonly out: { tag: string; entry: Entry }[] = [];
  private nextId = 1;

  constructor(args: FieldTable) {
    const host: QueueHost = {
      store: new MemoryStore(),
      clock: this.clock,
      pageBudget: new PageBudget(),
      tally: new HostCounters(),
      changes: new Changes(),
      version: 1,
      deadLetter: (entry, reason) => {
        this.dead.push([entry.message.id, reason]);
        return undefined;
      },
      handOver: () => ({ letter: undefined, taken: [], refused: 0 }),
      remove: (queue) => void queue.close(),
    };
    const { type } = parseQueueArguments("queue 'q' in vhost '/'", args);
    const kind = type === 'quorum' ? QuorumQueue : Queue;
    const rest = { durable: true, autoDelete: false, owner: undefined };
    this.queue = new kind(host, {
      id: 1,
      name: 'q',
      virtualHost: '/',
      ...rest,
      args,
      policies: NO_POLICIES,
      type,
    });
  }

  message(options: { priority?: number; bodyBytes?: number; expirationMs?: number } = {}): Message {
    const message = new Message(this.nextId++, UNREAD_ADDRESS, Buffer.alloc(0), 0, 0, options.bodyBytes ?? 0);
    message.priority = options.priority ?? 0;
    message.expirationMs = options.expirationMs ?? -1;
    return message;
  }

  consume(options: Partial<ConsumerOptions> & { tag: string }): Consumer {
    const subscriber: Subscriber = {
      canTake: () => true,
      deliver: ({ tag }, entry) => void this.out.push({ tag, entry }),
      cancelled: () => undefined,
    };
    const rest = { noAck: false, exclusive: false, prefetch: 0, priority: 0, args: EMPTY_TABLE };
    const deliveries = new DeliveryCounters();
    const consumer = new Consumer(this.queue, subscriber, { ...rest, deliveries, ...options });
    this.queue.addConsumer(consumer);
    this.queue.drain();
    return consumer;
  }
}
