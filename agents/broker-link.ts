/**
 * The connection to a broker, kept up for ever: connects, opens one confirm channel, declares the
 * exchange, and does so again after every loss, with backoff and jitter, through a list of addresses.
 *
 * Responsible for being connected. Not responsible for what is sent (publisher.ts).
 */
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import type { Logger } from 'pino';
import { Backoff } from './backoff.js';
import type { BrokerAddress } from './broker-url.js';
import type { PublisherOptions } from './publisher-options.js';

/** Told of each change. The channel is fresh every time: its delivery tags start at 1. */
export interface LinkListener {
  opened(channel: ConfirmChannel): void;
  lost(): void;
  /** One attempt to connect has failed; another follows. */
  failed(reason: Error): void;
  blocked(isBlocked: boolean): void;
}

/** How to connect. */
export interface LinkOptions {
  readonly addresses: readonly BrokerAddress[];
  readonly exchange: string;
  readonly connectionName: string;
  readonly connectTimeoutMs: number;
  readonly reconnectMaxMs: number;
  readonly tls?: PublisherOptions['tls'];
  readonly log?: Logger;
}

/** First ceiling of the delay before a reconnect. */
const RECONNECT_MIN_MS = 100;
/** The delay instead once the owner is in a hurry. */
const HURRIED_RECONNECT_MS = 100;
const SOCKET_BUFFER_BYTES = 1024 * 1024;
/** How long the closing handshake may take. */
const CLOSE_TIMEOUT_MS = 500;

/** One connection with one confirm channel, reconnected until stopped. */
export class BrokerLink {
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #backoff: Backoff;
  #addressIndex = 0;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | undefined;
  #model: ChannelModel | undefined;
  #stopped = false;
  #hurried = false;
  /** Whether the current outage has been logged: one line an outage, not one an attempt. */
  #outageLogged = false;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
    this.#backoff = new Backoff(RECONNECT_MIN_MS, options.reconnectMaxMs);
    this.#attempt();
  }

  /** The address in use, or tried next, without its password. */
  get address(): string {
    return this.#address.shown;
  }

  /** From now on no backoff: the next attempt is made at once, later ones after a short while. */
  hurry(): void {
    this.#hurried = true;
    if (this.#timer === undefined || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#attempt();
  }

  /** Closes the connection, politely when the broker answers in time. Leaves no socket behind. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const model = this.#model;
    const abort = this.#abort;
    this.#model = undefined;
    if (model !== undefined) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      });
      // A connection that is broken already cannot be closed: nothing is left to do then.
      await Promise.race([model.close().catch(() => undefined), timeout]);
      clearTimeout(timer);
    }
    abort?.abort();
  }

  get #address(): BrokerAddress {
    const { addresses } = this.#options;
    return addresses[this.#addressIndex % addresses.length]!;
  }

  #attempt(): void {
    this.#timer = undefined;
    const abort = new AbortController();
    this.#abort = abort;
    const timer = setTimeout(
      () => abort.abort(new Error('no answer in time')),
      this.#options.connectTimeoutMs,
    );
    // Each half of the promise handles its own outcome, so nothing is left floating.
    this.#open(abort).then(
      () => clearTimeout(timer),
      (error: unknown) => {
        clearTimeout(timer);
        this.#attemptFailed(abort, asError(error, abort.signal));
      },
    );
  }

  async #open(abort: AbortController): Promise<void> {
    const { connectionName, exchange, tls } = this.#options;
    // The signal is what lets us destroy the socket at any time; the library offers no other way.
    const socket = {
      ...tls,
      noDelay: true,
      keepAlive: true,
      // The library stops at the mark and waits for the socket: the default of 16 KiB makes a system
      // call of nearly every record. The window bounds what can be waiting here.
      writableHighWaterMark: SOCKET_BUFFER_BYTES,
      signal: abort.signal,
      clientProperties: { connection_name: connectionName },
    };
    const model = await rejectOnAbort(connect(this.#address.connect, socket), abort.signal);
    let over: Error | undefined;
    const end = (reason?: Error): void => {
      if (over !== undefined) return;
      over = reason ?? new Error('the broker closed the connection');
      this.#connectionLost(abort, over);
    };
    model.on('error', end);
    model.on('close', end);
    const channel = await rejectOnAbort(openChannel(model, exchange), abort.signal);
    channel.on('error', end);
    channel.on('close', () => end(new Error('the channel was closed')));
    if (over !== undefined) throw over;
    if (this.#stopped) return abort.abort();
    this.#model = model;
    this.#backoff.reset();
    this.#outageLogged = false;
    model.on('blocked', () => this.#listener.blocked(true));
    model.on('unblocked', () => this.#listener.blocked(false));
    this.#options.log?.info({ broker: this.#address.shown }, 'Connected to the broker');
    this.#listener.opened(channel);
  }

  #connectionLost(abort: AbortController, reason: Error): void {
    // Before the channel is open, the failing attempt itself reports the reason.
    if (this.#model === undefined) return;
    this.#model = undefined;
    abort.abort();
    if (this.#stopped) return;
    this.#listener.lost();
    this.#retry(reason);
  }

  #attemptFailed(abort: AbortController, reason: Error): void {
    abort.abort();
    if (this.#stopped) return;
    this.#retry(reason);
    this.#addressIndex += 1;
    this.#listener.failed(reason);
  }

  #retry(reason: Error): void {
    if (!this.#outageLogged) {
      this.#outageLogged = true;
      this.#options.log?.warn(
        { broker: this.#address.shown, reason: reason.message },
        'The broker cannot be reached; trying again until it can',
      );
    }
    const delayMs = this.#hurried ? HURRIED_RECONNECT_MS : this.#backoff.nextMs();
    this.#timer = setTimeout(() => this.#attempt(), delayMs);
  }
}

/** Opens a confirm channel and makes sure that the exchange exists. */
async function openChannel(model: ChannelModel, exchange: string): Promise<ConfirmChannel> {
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  try {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    channel.removeAllListeners('error');
    return channel;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // 403: we may publish but not declare. 406: it exists with other properties. Both are fine as
    // long as it is there, which a passive declaration tells. The failed one has closed the channel.
    if (code !== 403 && code !== 406) throw error;
    const second = await model.createConfirmChannel();
    second.on('error', () => undefined);
    await second.checkExchange(exchange);
    second.removeAllListeners('error');
    return second;
  }
}

function rejectOnAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(asError(signal.reason, signal)), { once: true });
    promise.then(resolve, reject);
  });
}

function asError(error: unknown, signal: AbortSignal): Error {
  const reason: unknown = signal.aborted ? signal.reason : error;
  if (!(reason instanceof Error)) return new Error(String(reason));
  // A refused connection to a name with several addresses is an AggregateError without a message.
  const code = (reason as { code?: unknown }).code;
  return reason.message === '' && typeof code === 'string' ? new Error(code, { cause: reason }) : reason;
}
