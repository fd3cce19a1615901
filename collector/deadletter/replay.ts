/**
 * Sends letters round again: to where their originals were published, confirmed there before they
 * leave the dead letters. Cut off at any point, a letter is in one place or in both, never in none;
 * the document's id makes one document of both.
 */
import type { GetMessage, MessagePropertyHeaders, Options } from 'amqplib';
import { ConfirmedPublisher } from './confirmed-publisher.js';
import { EVENT_ID_HEADER, EXPIRATION_HEADER, REPLAYS_HEADER, WARREN_HEADER_PREFIX } from './headers.js';
import { describeLetter, originOf } from './letter.js';
import { type Selection, Selector } from './selection.js';
import type { Visit } from './visit.js';

/** Publishes that wait for their confirms at a time, by count and by bytes. */
const UNCONFIRMED_MAX = 100;
const UNCONFIRMED_BYTES_MAX = 8 * 1024 * 1024;

/** Failures that are told one by one; the others are only counted. */
const FAILURES_TOLD_MAX = 100;

export interface ReplayProgress {
  replayed: number;
  failed: number;
  /** Letters looked at so far, and letters that will be at most. */
  looked: number;
  total: number;
}

export interface ReplayOptions {
  /** No more than so many letters are sent. */
  limit?: number;
  /** Called after every letter that was looked at or sent. */
  onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayResult {
  replayed: number;
  /** Ids that no letter in the queue has. */
  notFound: string[];
  /** Letters that stay where they are, with the reason: the first hundred of them. */
  failures: { id: string; error: string }[];
  /** All letters that stay where they are though they were selected. */
  failed: number;
  /** Letters of those that were in the queue at the beginning that are still there. */
  left: number;
}

/** Replays the selected letters of a queue that is being visited. */
export async function replayLetters(
  visit: Visit,
  selection: Selection,
  { limit = Number.POSITIVE_INFINITY, onProgress }: ReplayOptions,
): Promise<ReplayResult> {
  const selector = new Selector(selection);
  const replayer = new Replayer(visit, await ConfirmedPublisher.open(visit.connection));
  let looked = 0;
  let selected = 0;
  const report = (): void =>
    onProgress?.({ replayed: replayer.replayed, failed: replayer.failed, looked, total: visit.total });
  if (!selector.isComplete && limit > 0) {
    for await (const { message, id } of visit.letters()) {
      looked += 1;
      if (selector.takes(describeLetter(message, id))) {
        selected += 1;
        await replayer.send(message, id, report);
      } else report();
      if (selected >= limit || selector.isComplete) break;
    }
  }
  await replayer.finish();
  return {
    replayed: replayer.replayed,
    notFound: selector.missing,
    failures: replayer.failures,
    failed: replayer.failed,
    left: visit.total - visit.removed,
  };
}

class Replayer {
  readonly #visit: Visit;
  readonly #publisher: ConfirmedPublisher;
  readonly #exchanges = new Map<string, boolean>();
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  replayed = 0;
  failed = 0;
  readonly failures: { id: string; error: string }[] = [];

  constructor(visit: Visit, publisher: ConfirmedPublisher) {
    this.#visit = visit;
    this.#publisher = publisher;
  }

  /** Sends one letter; resolves as soon as there is room for the next. */
  async send(message: GetMessage, id: string, onSettled: () => void): Promise<void> {
    const origin = originOf(message);
    if (origin === undefined) {
      this.#fail(id, 'nothing tells where it was first published to');
      return onSettled();
    }
    const { exchange, routingKey } = origin;
    if (!(await this.#exists(exchange))) {
      this.#fail(id, `there is no exchange "${exchange}"`);
      return onSettled();
    }
    const bytes = message.content.length;
    const sending = this.#publisher
      .publish(exchange, routingKey, message.content, replayProperties(message))
      .then((outcome) => {
        if (outcome === 'returned') {
          const place = exchange === '' ? `there is no queue "${routingKey}"` : noQueue(exchange, routingKey);
          this.#fail(id, place);
        } else {
          this.#visit.channel.ack(message);
          this.#visit.removed += 1;
          this.replayed += 1;
        }
      })
      .catch((error: Error) => this.#fail(id, error.message))
      .finally(() => {
        this.#underWay.delete(sending);
        this.#bytes -= bytes;
        onSettled();
      });
    this.#underWay.add(sending);
    this.#bytes += bytes;
    while (this.#underWay.size >= UNCONFIRMED_MAX || this.#bytes >= UNCONFIRMED_BYTES_MAX) {
      await Promise.race(this.#underWay);
    }
  }

  /** Waits for the last confirms. */
  async finish(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #fail(id: string, error: string): void {
    this.failed += 1;
    if (this.failures.length < FAILURES_TOLD_MAX) this.failures.push({ id, error });
  }

  /** A publish to an exchange that is not there closes the channel, so it is asked for first. */
  async #exists(exchange: string): Promise<boolean> {
    if (exchange === '') return true;
    let isThere = this.#exchanges.get(exchange);
    if (isThere === undefined) {
      const channel = await this.#visit.connection.createChannel();
      channel.on('error', () => {});
      try {
        await channel.checkExchange(exchange);
        await channel.close();
        isThere = true;
      } catch {
        isThere = false;
      }
      this.#exchanges.set(exchange, isThere);
    }
    return isThere;
  }
}

function noQueue(exchange: string, routingKey: string): string {
  return `no queue is bound to the exchange "${exchange}" for the routing key "${routingKey}"`;
}

/** The original's properties again, and the count of its replays. */
function replayProperties({ properties }: GetMessage): Options.Publish {
  const { headers, expiration: _expiration, userId: _user, clusterId: _cluster, ...kept } = properties;
  const restored: MessagePropertyHeaders = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name === EVENT_ID_HEADER || !isDeathHeader(name)) restored[name] = value;
  }
  const replays: unknown = headers?.[REPLAYS_HEADER];
  restored[REPLAYS_HEADER] = (typeof replays === 'number' ? replays : 0) + 1;
  const expiration: unknown = headers?.[EXPIRATION_HEADER];
  return {
    ...kept,
    ...(typeof expiration === 'string' ? { expiration } : {}),
    headers: restored,
    deliveryMode: 2,
  };
}

function isDeathHeader(name: string): boolean {
  return (
    name.startsWith(WARREN_HEADER_PREFIX) ||
    name === 'x-death' ||
    name === 'x-delivery-count' ||
    name === 'x-acquired-count' ||
    /^x-(?:first|last)-death-/.test(name)
  );
}
