/**
 * One visit to a queue over plain AMQP: every letter is fetched without an ack and put back in its
 * place at the end, unless it was acked in between. Works with any broker. While a visit lasts, what
 * it has fetched is out of sight for others; when it ends, for whatever reason, the broker puts it back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import { CollectorError, queueMissing, reasonOf } from '../errors.js';
import { closeQuietly, connectToBroker } from '../source/broker-connection.js';
import { LetterNames } from './identity.js';

/** How often, and how soon again, the count is asked for that says that all is back in its place. */
const COUNTS_MAX = 50;
const COUNT_AGAIN_MS = 10;

/** A queue that is being visited. */
export interface Visit {
  connection: ChannelModel;
  channel: Channel;
  /** Letters that were in the queue when the visit began; those that come later are not looked at. */
  total: number;
  /** Letters that were acked, and so are gone from the queue. */
  removed: number;
  /** The letters from the head of the queue, each with its id. */
  letters(countMax?: number): AsyncGenerator<{ message: GetMessage; id: string }>;
}

/**
 * Opens a connection, lets `look` see the queue, puts back what was not acked, and closes.
 *
 * @throws {CollectorError} `ERR_WARREN_QUEUE_MISSING`, or what {@link connectToBroker} throws
 */
export async function visitQueue<Result>(
  brokerUrl: string,
  queue: string,
  look: (visit: Visit) => Promise<Result>,
): Promise<Result> {
  const connection = await connectToBroker(brokerUrl, 'warren dead letters');
  const cutOff = new Promise<never>((_, reject) => {
    connection.on('blocked', (reason) => reject(brokerBlocked(reason)));
    connection.on('close', (error) => reject(brokerLost(error)));
  });
  cutOff.catch(() => {});
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    const total = await countOf(channel, queue);
    const visit: Visit = {
      connection,
      channel,
      total,
      removed: 0,
      letters: (countMax = total) => fetchLetters(channel, queue, Math.min(total, countMax)),
    };
    const result = await Promise.race([look(visit), cutOff]);
    await putBack(visit, queue, total - visit.removed);
    return result;
  } finally {
    await closeQuietly(connection);
  }
}

/**
 * Puts back what was fetched and not acked, and waits until the broker has done so. Closing the channel
 * does it: RabbitMQ puts 5,000 messages of a closed channel back in some 40 ms, and takes 2 s for the
 * same by `basic.nack`, longer by the square. It does it in its own time, hence the wait.
 *
 * @param left letters that will be in the queue, if nobody else takes any
 */
async function putBack({ connection, channel }: Visit, queue: string, left: number): Promise<void> {
  await closeQuietly(channel);
  const counting = await connection.createChannel();
  counting.on('error', () => {});
  for (let tries = 0; tries < COUNTS_MAX && (await countOf(counting, queue)) < left; tries += 1) {
    await sleep(COUNT_AGAIN_MS);
  }
}

async function countOf(channel: Channel, queue: string): Promise<number> {
  try {
    return (await channel.checkQueue(queue)).messageCount;
  } catch (error) {
    if (/NOT[_-]FOUND|404/.test(reasonOf(error))) throw queueMissing(queue, error);
    throw error;
  }
}

async function* fetchLetters(
  channel: Channel,
  queue: string,
  countMax: number,
): AsyncGenerator<{ message: GetMessage; id: string }> {
  const names = new LetterNames();
  for (let count = 0; count < countMax; count += 1) {
    const message = await channel.get(queue);
    if (message === false) return;
    yield { message, id: names.next(message) };
  }
}

function brokerBlocked(reason: string): CollectorError {
  return new CollectorError(
    'ERR_WARREN_BROKER_BLOCKED',
    `The broker takes no messages now (${reason}): give it memory or disk and try again; no letter was lost`,
  );
}

function brokerLost(cause: unknown): CollectorError {
  return new CollectorError(
    'ERR_WARREN_BROKER_LOST',
    'The connection to the broker ended while dead letters were handled: try again; no letter was lost',
    cause,
  );
}
