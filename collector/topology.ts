/**
 * The exchanges, queues and bindings of the pipeline, and their idempotent declaration.
 *
 * Everything that names a queue of the pipeline takes the name from here.
 */
import type { Channel, Options } from 'amqplib';
import { LOGS_EXCHANGE } from '../agents/record.js';

/** The durable queue that collectors index from. */
export const INDEX_QUEUE = 'logs.index';

/** The durable topic exchange that dead letters are published to. */
const DEAD_EXCHANGE = 'logs.dead';

/** The durable queue that keeps dead letters until they are replayed or purged. */
export const DEAD_QUEUE = 'logs.dead';

/** Matches every record. */
export const ALL_RECORDS = 'app.#';

/**
 * How often a letter may be handed out and put back before a quorum queue gives it up. Looking into
 * `logs.dead` hands every letter out and puts it back, and RabbitMQ's default since 4.0 is 20, after
 * which it would throw the letter away; "no limit" cannot be said in a way that 3.x understands too.
 */
const LETTER_DELIVERY_LIMIT = 1_000_000;

/** What a pipeline's exchanges and queues are called, so that several can share one broker. */
export interface Topology {
  logsExchange: string;
  indexQueue: string;
  deadExchange: string;
  deadQueue: string;
  /** Which records go to the index queue. */
  bindingKey: string;
  /** `quorum` on a cluster. A queue that is there already keeps its type: the broker answers 406. */
  queueType: 'classic' | 'quorum';
}

/** The names that Warren uses unless told otherwise. */
export const PIPELINE: Topology = {
  logsExchange: LOGS_EXCHANGE,
  indexQueue: INDEX_QUEUE,
  deadExchange: DEAD_EXCHANGE,
  deadQueue: DEAD_QUEUE,
  bindingKey: ALL_RECORDS,
  queueType: 'classic',
};

/**
 * Declares the pipeline's exchanges, queues and bindings on a broker. Safe to call any number of
 * times; a broker on which one of them exists with other arguments answers 406 and closes the channel.
 *
 * @param channel an open channel, best one of its own
 * @param topology the names; {@link PIPELINE} unless told otherwise
 */
export async function declareTopology(channel: Channel, topology: Topology = PIPELINE): Promise<void> {
  const { logsExchange, indexQueue, deadExchange, deadQueue, bindingKey, queueType } = topology;
  await channel.assertExchange(logsExchange, 'topic', { durable: true });
  await channel.assertExchange(deadExchange, 'topic', { durable: true });
  const letters: Options.AssertQueue = { durable: true };
  const records: Options.AssertQueue = { durable: true, deadLetterExchange: deadExchange };
  if (queueType === 'quorum') {
    letters.arguments = { 'x-queue-type': 'quorum', 'x-delivery-limit': LETTER_DELIVERY_LIMIT };
    records.arguments = { 'x-queue-type': 'quorum' };
  }
  await channel.assertQueue(deadQueue, letters);
  await channel.bindQueue(deadQueue, deadExchange, '#');
  await channel.assertQueue(indexQueue, records);
  await channel.bindQueue(indexQueue, logsExchange, bindingKey);
}
