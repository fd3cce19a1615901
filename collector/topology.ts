/**
 * The exchanges, queues and bindings of the pipeline, and their idempotent declaration.
 *
 * Everything that names a queue of the pipeline takes the name from here.
 */
import type { Channel } from 'amqplib';
import { LOGS_EXCHANGE } from '../agents/record.js';

/** The durable queue that collectors index from. */
export const INDEX_QUEUE = 'logs.index';

/** The durable topic exchange that dead letters are published to. */
export const DEAD_EXCHANGE = 'logs.dead';

/** The durable queue that keeps dead letters until they are replayed or purged. */
export const DEAD_QUEUE = 'logs.dead';

/** Matches every record. */
export const ALL_RECORDS = 'app.#';

/**
 * Declares the pipeline's exchanges, queues and bindings on a broker. Safe to call any number of
 * times; a broker on which one of them exists with other arguments answers 406 and closes the channel.
 *
 * @param channel an open channel, best one of its own
 */
export async function declareTopology(channel: Channel): Promise<void> {
  await channel.assertExchange(LOGS_EXCHANGE, 'topic', { durable: true });
  await channel.assertExchange(DEAD_EXCHANGE, 'topic', { durable: true });
  await channel.assertQueue(DEAD_QUEUE, { durable: true });
  await channel.bindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '#');
  await channel.assertQueue(INDEX_QUEUE, { durable: true, deadLetterExchange: DEAD_EXCHANGE });
  await channel.bindQueue(INDEX_QUEUE, LOGS_EXCHANGE, ALL_RECORDS);
}
