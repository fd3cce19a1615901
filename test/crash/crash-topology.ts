// The queues of the crash test: what each is for, and how it is declared.
import type { ConfirmChannel } from 'amqplib';
import type { QueuePlan } from './ledger.js';

const DIRECT = 'crash.direct';
export const KEPT = 'crash.kept';
const TOPIC_ALL = 'crash.topic.all';
const TOPIC_ERRORS = 'crash.topic.errors';
export const REJECTS = 'crash.rejects';
const EXPIRES = 'crash.expires';
export const BOUNDED = 'crash.bounded';
export const QUORUM = 'crash.quorum';
export const TX_IN = 'crash.tx.in';
export const TX_OUT = 'crash.tx.out';
const TOPIC = 'crash.topic';
const DEAD_LETTERS = 'crash.dead-letters';

export const BOUNDED_LENGTH = 40;
const EXPIRES_MS = 150;

interface DeclaredQueue extends QueuePlan {
  readonly arguments?: Record<string, unknown>;
}

function dying(name: string, args: Record<string, unknown>, plan: Partial<QueuePlan> = {}): DeclaredQueue[] {
  const dead = `${name}.dead`;
  const letters = { 'x-dead-letter-exchange': DEAD_LETTERS, 'x-dead-letter-routing-key': name };
  return [
    { name, dead, ordered: true, ...plan, arguments: { ...letters, ...args } },
    // What nobody but time and length takes out of a queue dies in its order.
    { name: dead, ordered: name === EXPIRES || name === BOUNDED },
  ];
}

export const QUEUES: readonly DeclaredQueue[] = [
  { name: DIRECT, ordered: true },
  { name: KEPT, ordered: true },
  { name: TOPIC_ALL, ordered: true },
  { name: TOPIC_ERRORS, ordered: true },
  { name: TX_IN, ordered: true },
  { name: TX_OUT, ordered: true },
  ...dying(REJECTS, {}),
  ...dying(EXPIRES, { 'x-message-ttl': EXPIRES_MS }),
  ...dying(BOUNDED, { 'x-max-length': BOUNDED_LENGTH }),
  ...dying(
    QUORUM,
    {
      'x-queue-type': 'quorum',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
      // RabbitMQ 4's default of 20 is soon reached by a consumer that sends so much back.
      'x-delivery-limit': 1_000_000,
    },
    // What comes back to a quorum queue goes to its end when there is a limit to how often.
    { atLeastOnce: true, ordered: false },
  ),
];

/** Queues whose messages consumers take, with what they do to them. */
export const CONSUMED = [DIRECT, TOPIC_ALL, TOPIC_ERRORS, REJECTS, QUORUM, `${REJECTS}.dead`] as const;

/** Where a publisher sends, and which queues get it. */
export const ROUTES: readonly { exchange: string; routingKey: string; queues: readonly string[] }[] = [
  { exchange: '', routingKey: DIRECT, queues: [DIRECT] },
  { exchange: TOPIC, routingKey: 'app.order.info', queues: [TOPIC_ALL] },
  { exchange: TOPIC, routingKey: 'app.order.error', queues: [TOPIC_ALL, TOPIC_ERRORS] },
  { exchange: TOPIC, routingKey: 'tx.order.error', queues: [TX_IN, TOPIC_ERRORS] },
  { exchange: '', routingKey: TX_IN, queues: [TX_IN] },
  { exchange: '', routingKey: REJECTS, queues: [REJECTS] },
  { exchange: '', routingKey: EXPIRES, queues: [EXPIRES] },
  { exchange: '', routingKey: BOUNDED, queues: [BOUNDED] },
  { exchange: '', routingKey: QUORUM, queues: [QUORUM] },
  { exchange: TOPIC, routingKey: 'nobody.wants.this', queues: [] },
];

/** Declares all of it; with what is there already this changes nothing. */
export async function declareCrashTopology(channel: ConfirmChannel): Promise<void> {
  await channel.assertExchange(TOPIC, 'topic', { durable: true });
  await channel.assertExchange(DEAD_LETTERS, 'direct', { durable: true });
  for (const { name, dead, arguments: args = {} } of QUEUES) {
    await channel.assertQueue(name, { durable: true, arguments: args });
    if (dead !== undefined) {
      await channel.assertQueue(dead, { durable: true });
      await channel.bindQueue(dead, DEAD_LETTERS, name);
    }
  }
  await channel.bindQueue(TOPIC_ALL, TOPIC, 'app.#');
  await channel.bindQueue(TOPIC_ERRORS, TOPIC, '*.*.error');
  await channel.bindQueue(TX_IN, TOPIC, 'tx.#');
}
