/**
 * A publisher that knows exactly which of its records were confirmed, and sends every other one again
 * under the same id until it is: what a careful application does.
 */
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { v7 as uuid } from 'uuid';
import { until } from '../until.js';

/** Unconfirmed records at most. */
const WINDOW = 500;
const RECONNECT_MS_MAX = 30_000;

/** Publishes a given number of records to a broker that may die under it. */
export class ConfirmedPublisher {
  /** The ids whose publish was confirmed. */
  readonly confirmed = new Set<string>();
  readonly #url: string;
  readonly #run: string;
  readonly #waiting: string[];

  constructor(url: string, run: string, count: number) {
    this.#url = url;
    this.#run = run;
    this.#waiting = Array.from({ length: count }, () => uuid());
  }

  /** Publishes all of it, whatever happens to the broker. */
  async publishAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const connection = await until(
        'the broker',
        () => connect(this.#url).catch(() => undefined),
        RECONNECT_MS_MAX,
      );
      await this.#publishOver(connection);
    }
  }

  /** Publishes until the connection is lost or all is confirmed; puts back what was not confirmed. */
  async #publishOver(connection: ChannelModel): Promise<void> {
    const unconfirmed = new Set<string>();
    const lost = new Promise<void>((resolve) => connection.once('close', () => resolve()));
    connection.on('error', () => undefined);
    const done = this.#pump(connection, unconfirmed).catch(() => lost);
    await Promise.race([done, lost]);
    this.#waiting.unshift(...unconfirmed);
    await connection.close().catch(() => undefined);
  }

  async #pump(connection: ChannelModel, unconfirmed: Set<string>): Promise<void> {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      const settle = (id: string, error: unknown) => {
        if (error !== null) return reject(error as Error);
        unconfirmed.delete(id);
        this.confirmed.add(id);
        pump();
      };
      const pump = () => {
        while (unconfirmed.size < WINDOW && this.#waiting.length > 0) {
          const id = this.#waiting.shift() as string;
          unconfirmed.add(id);
          this.#publish(channel, id, (error) => settle(id, error));
        }
        if (unconfirmed.size === 0) resolve();
      };
      pump();
    });
  }

  #publish(channel: ConfirmChannel, id: string, confirmed: (error: unknown) => void): void {
    const record = {
      '@timestamp': new Date().toISOString(),
      message: 'A record of the crash test',
      log: { level: 'info' },
      service: { name: 'crash' },
      event: { id },
      run: this.#run,
    };
    channel.publish(
      'logs',
      'app.crash.info',
      Buffer.from(JSON.stringify(record)),
      { persistent: true, mandatory: true, messageId: id, contentType: 'application/json', type: 'log' },
      confirmed,
    );
  }
}
