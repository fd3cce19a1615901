/**
 * Deliveries of the index queue, for as long as the collector runs: opens a session, and the next one
 * whenever it ends, for ever, with backoff.
 */
import type { Logger } from 'pino';
import { type Backoff, backoffDelayMs } from '../backoff.js';
import { reasonOf } from '../errors.js';
import { type OnDelivery, Session, type SessionOptions } from './session.js';

export class Source {
  readonly #options: SessionOptions;
  readonly #backoff: Backoff;
  readonly #onDelivery: OnDelivery;
  readonly #log: Logger;
  #session: Session | undefined;
  #isConsuming = false;
  #isClosed = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #opening: Promise<void> | undefined;

  private constructor(options: SessionOptions, backoff: Backoff, onDelivery: OnDelivery, log: Logger) {
    this.#options = options;
    this.#backoff = backoff;
    this.#onDelivery = onDelivery;
    this.#log = log;
  }

  /**
   * Connects for the first time. Consumes nothing yet.
   *
   * @throws {CollectorError} when the first connection fails; later ones are tried again
   */
  static async open(
    options: SessionOptions,
    backoff: Backoff,
    onDelivery: OnDelivery,
    log: Logger,
  ): Promise<Source> {
    const source = new Source(options, backoff, onDelivery, log);
    await source.#open();
    return source;
  }

  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** How many deliveries are held. */
  get unackedCount(): number {
    return this.#session?.unackedCount ?? 0;
  }

  /** Takes deliveries from now on, in this session and all that follow. */
  async consume(): Promise<void> {
    this.#isConsuming = true;
    try {
      await this.#session?.consume(this.#onDelivery);
    } catch {
      // The session is ending; the next one consumes.
    }
  }

  /** Takes no more deliveries. */
  async cancel(): Promise<void> {
    this.#isConsuming = false;
    await this.#session?.cancel();
  }

  /** Acks what is settled and closes for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#opening?.catch(() => {});
    await this.#session?.close();
  }

  async #open(): Promise<void> {
    let opened: Session | undefined;
    const session = await Session.open(this.#options, (reason) => this.#onSessionClosed(opened, reason));
    opened = session;
    if (this.#isClosed) {
      await session.close();
      return;
    }
    this.#session = session;
    if (this.#isConsuming) await session.consume(this.#onDelivery);
  }

  #onSessionClosed(session: Session | undefined, reason: string): void {
    if (session === undefined || this.#session !== session) return;
    this.#session = undefined;
    if (!this.#isClosed) this.#reopenLater(reason);
  }

  #reopenLater(reason: string): void {
    this.#failures += 1;
    if (this.#failures === 1) this.#log.warn({ reason }, 'Lost the broker; trying to reach it again');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#opening = this.#reopen();
      },
      backoffDelayMs(this.#backoff, this.#failures),
    );
  }

  async #reopen(): Promise<void> {
    try {
      await this.#open();
      if (this.#session === undefined) return;
      this.#failures = 0;
      this.#log.info('Reached the broker again');
    } catch (error) {
      if (!this.#isClosed && this.#session === undefined) this.#reopenLater(reasonOf(error));
    }
  }
}
