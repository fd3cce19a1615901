/**
 * Publishes the lines of a stream, standard input as a rule: the agent behind `warren agent --stdin`.
 *
 * A stream cannot be read twice, so there are no checkpoints. While the broker takes nothing, nothing
 * is read, the pipe fills and the program at its other end waits.
 */
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Logger } from 'pino';
import { newEventId } from '../event-id.js';
import type { GroupReader } from '../lines/group-reader.js';
import type { LineGroup } from '../lines/line-group.js';
import { LineInput, type LineInputOptions } from '../lines/line-input.js';
import { linesOrigin } from '../lines/line-record.js';
import { Publisher, type PublisherOptions, type PublisherStatus } from '../publisher.js';
import type { RecordSink } from '../record-printer.js';

/** What a stdin agent is told. */
export interface StdinAgentOptions extends LineInputOptions {
  /** The stream to read, `process.stdin` as a rule. */
  input: Readable;
  /** `service.name` of every record. */
  service: string;
  /** `service.environment`. Default none. */
  environment?: string;
  /** One AMQP URL or several. Default `WARREN_BROKER_URL`, else this machine. */
  brokerUrl?: string | readonly string[];
  /** Whether a broker that cannot be reached at the start is an error. Default false. */
  requireBroker?: boolean;
  /** How long an event may still get continuation lines. Default 300. */
  groupTimeoutMs?: number;
  /** Further settings of the publisher. */
  publisher?: Omit<PublisherOptions, 'url' | 'service' | 'log'>;
  /** Where records go instead of the broker, which is then not asked for. */
  sink?: RecordSink;
  /** For changes of state. Default silent. */
  log?: Logger;
}

const GROUP_TIMEOUT_MS = 300;
/** How long a broker that is required may take to answer at the start. */
const REQUIRED_BROKER_TIMEOUT_MS = 3_000;
/** How long the end waits for the last confirms. */
const STOP_TIMEOUT_MS = 5_000;

/** A running stdin agent. */
export class StdinAgent {
  readonly #input: Readable;
  readonly #publisher: RecordSink;
  readonly #lines: LineInput;
  readonly #reader: GroupReader;
  readonly #groupTimeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<number> | undefined;
  /** Resolves when the input has ended, or the agent was stopped. */
  readonly ended: Promise<void>;

  /**
   * Starts reading.
   *
   * @throws AgentOptionError, or BrokerUnreachableError (with `requireBroker`)
   */
  static async start(options: StdinAgentOptions): Promise<StdinAgent> {
    const { brokerUrl, service, log } = options;
    const lines = new LineInput(options, linesOrigin(options), log);
    if (options.sink !== undefined) return new StdinAgent(options, lines, options.sink);
    const publisher = Publisher.start({
      ...options.publisher,
      service,
      ...(brokerUrl === undefined ? {} : { url: brokerUrl }),
      ...(log === undefined ? {} : { log }),
    });
    try {
      if (options.requireBroker === true) await publisher.connected(REQUIRED_BROKER_TIMEOUT_MS);
    } catch (error) {
      await publisher.close(0);
      throw error;
    }
    return new StdinAgent(options, lines, publisher);
  }

  private constructor(options: StdinAgentOptions, lines: LineInput, publisher: RecordSink) {
    const { input } = options;
    this.#input = input;
    this.#publisher = publisher;
    this.#lines = lines;
    this.#reader = lines.open();
    this.#groupTimeoutMs = options.groupTimeoutMs ?? GROUP_TIMEOUT_MS;
    // A writer that dies ends the input as well: what it wrote is published all the same.
    this.ended = finished(input, { writable: false }).catch(() => undefined);
    input.on('data', (chunk: Buffer | string) => this.#take(Buffer.from(chunk)));
  }

  /** What has been published so far. */
  get status(): PublisherStatus {
    return this.#publisher.status;
  }

  /**
   * Publishes what was read and waits for the last confirms. Idempotent.
   *
   * @returns how many records could not be sent
   */
  stop(): Promise<number> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  async #shutDown(): Promise<number> {
    this.#input.destroy();
    await this.ended;
    clearTimeout(this.#timer);
    this.#publish(this.#reader.end());
    return this.#publisher.close(STOP_TIMEOUT_MS);
  }

  #take(chunk: Buffer): void {
    clearTimeout(this.#timer);
    this.#publish(this.#reader.push(chunk));
    this.#timer = setTimeout(() => this.#publish(this.#reader.flush()), this.#groupTimeoutMs);
  }

  #publish(groups: readonly LineGroup[]): void {
    let hasRoom = true;
    for (const record of this.#lines.records(groups, newEventId)) hasRoom = this.#publisher.publish(record);
    if (hasRoom || this.#input.isPaused()) return;
    this.#input.pause();
    void this.#publisher.drained().then(() => this.#input.resume());
  }
}
