/**
 * The console's one connection to the broker, made when it is first needed and again after it was lost.
 *
 * Viewers of live tails and the health check each take a channel of their own on it.
 */
import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { Logger } from 'pino';
import { ConsoleError, reasonOf, shownUrl } from './console-error.js';

/** Connecting may take this long. */
const CONNECT_TIMEOUT_MS = 5000;

/** Holds the connection. */
export class BrokerLink {
  readonly url: string;
  readonly #log: Logger | undefined;
  #connecting: Promise<ChannelModel> | undefined;
  #closed = false;

  constructor(url: string, log: Logger | undefined) {
    this.url = url;
    this.#log = log;
  }

  /**
   * A new channel. Its errors are swallowed after its owner has seen the failed call; the owner listens
   * to `close` for the end of it.
   */
  async channel(): Promise<Channel> {
    const connection = await this.connection();
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) =>
      this.#log?.debug({ err: error }, 'A channel of the console was closed'),
    );
    return channel;
  }

  /** The connection, made if need be; a console error with status 502 when the broker is not there. */
  async connection(): Promise<ChannelModel> {
    if (this.#closed) throw new ConsoleError('ERR_WARREN_CONSOLE_STOPPED', 503, 'The console is stopping.');
    this.#connecting ??= this.#connect();
    try {
      return await this.#connecting;
    } catch (error) {
      throw new ConsoleError(
        'ERR_WARREN_BROKER_UNREACHABLE',
        502,
        `The broker at ${shownUrl(this.url)} does not answer (${reasonOf(error)}): start it, or check the setting of its address.`,
        { cause: error },
      );
    }
  }

  /** Closes the connection, and with it every channel and every exclusive queue. */
  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#connecting?.catch(() => undefined);
    await connection?.close().catch(() => undefined);
  }

  async #connect(): Promise<ChannelModel> {
    try {
      const connection = await connect(this.url, {
        timeout: CONNECT_TIMEOUT_MS,
        clientProperties: { connection_name: 'warren console' },
      });
      connection.on('error', () => undefined);
      connection.on('close', (error?: Error) => {
        this.#connecting = undefined;
        if (!this.#closed) this.#log?.warn({ err: error }, 'The console lost its connection to the broker');
      });
      this.#log?.info({ broker: shownUrl(this.url) }, 'The console is connected to the broker');
      return connection;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }
}
