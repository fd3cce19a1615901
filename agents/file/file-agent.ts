/**
 * Follows log files and publishes their lines: the agent behind `warren agent --file`.
 *
 * Responsible for when to look, for back pressure and for when to save. Files are their own buffer:
 * while the broker takes nothing, nothing is read, and nothing is ever dropped.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AgentOptionError } from '../errors.js';
import { LineInput, type LineInputOptions } from '../lines/line-input.js';
import { linesOrigin } from '../lines/line-record.js';
import { Publisher, type PublisherOptions, type PublisherStatus } from '../publisher.js';
import { type LogRecord, serviceWord } from '../record.js';
import type { RecordSink } from '../record-printer.js';
import { AgentLock } from './agent-lock.js';
import { discoverFiles } from './discovery.js';
import { FollowerSet } from './follower-set.js';
import { Registry } from './registry.js';

/** What a file agent is told. */
export interface FileAgentOptions extends LineInputOptions {
  /** Which files to follow, such as `/var/log/shop/*.log`; relative ones from the working directory. */
  globs: readonly string[];
  /** `service.name` of every record. */
  service: string;
  /** `service.environment`. Default none. */
  environment?: string;
  /** One AMQP URL or several. Default `WARREN_BROKER_URL`, else this machine. */
  brokerUrl?: string | readonly string[];
  /** Where the registry is kept, `agent/<service>.json`. Made when missing. */
  dataDirectory: string;
  /** Whether a broker that cannot be reached at the start is an error. Default false. */
  requireBroker?: boolean;
  /** Files followed at most. Default 10,000. */
  filesMax?: number;
  /** How often the globs are looked at. Default 1,000. */
  scanIntervalMs?: number;
  /** How long a rotated or deleted file must be idle until it is let go. Default 30,000. */
  rotatedIdleMs?: number;
  /** How long an event may still get continuation lines. Default 300. */
  groupTimeoutMs?: number;
  /** Further settings of the publisher; no spool, since the files are one. */
  publisher?: Omit<PublisherOptions, 'url' | 'service' | 'log' | 'spool'>;
  /** Where records go instead of the broker, which is then not asked for. */
  sink?: RecordSink;
  /** For changes of state. Default silent. */
  log?: Logger;
}

/** A snapshot of a file agent. */
export interface FileAgentStatus {
  /** Files followed now. */
  files: number;
  /** Bytes that are not read yet, over all files. */
  lagBytes: number;
  publisher: PublisherStatus;
}

const FILES_MAX = 10_000;
const SCAN_INTERVAL_MS = 1_000;
const ROTATED_IDLE_MS = 30_000;
const GROUP_TIMEOUT_MS = 300;
/** How often the registry is saved while records are confirmed. */
const SAVE_INTERVAL_MS = 1_000;
/** How long to wait when no file had anything new. */
const POLL_INTERVAL_MS = 50;
/** How long `stop` waits for the last confirms; what is not confirmed is read again at the next start. */
const STOP_TIMEOUT_MS = 5_000;
/** How long a broker that is required may take to answer at the start. */
const REQUIRED_BROKER_TIMEOUT_MS = 3_000;
/** Reads of one file in a row, so that one busy file does not hold up the others for long. */
const READS_IN_A_ROW_MAX = 4;

/** A running file agent. */
export class FileAgent {
  readonly #options: FileAgentOptions;
  readonly #globs: readonly string[];
  readonly #publisher: RecordSink;
  readonly #files: FollowerSet;
  readonly #lock: AgentLock;
  readonly #stop = new AbortController();
  readonly #stopped: Promise<void>;
  readonly #running: Promise<void>;
  #stopping: Promise<void> | undefined;
  #scannedAtMs = 0;
  #savedAtMs = Date.now();
  #hasRoom = true;
  #scanFails = false;

  /**
   * Starts following.
   *
   * @throws AgentOptionError, AgentRunningError, BrokerUnreachableError (with `requireBroker`), or the
   * system's error when the data directory cannot be used
   */
  static async start(options: FileAgentOptions): Promise<FileAgent> {
    if (options.globs.length === 0) throw new AgentOptionError('The file agent needs at least one glob.');
    const input = new LineInput(options, linesOrigin(options), options.log);
    const directory = join(options.dataDirectory, 'agent');
    mkdirSync(directory, { recursive: true });
    const name = serviceWord(options.service);
    const lock = new AgentLock(join(directory, `${name}.lock`));
    let publisher: RecordSink | undefined;
    try {
      const registry = Registry.open(join(directory, `${name}.json`), options.log);
      publisher = options.sink ?? startPublisher(options);
      if (options.requireBroker === true && publisher instanceof Publisher) {
        await publisher.connected(REQUIRED_BROKER_TIMEOUT_MS);
      }
      return new FileAgent(options, input, publisher, registry, lock);
    } catch (error) {
      await publisher?.close(0);
      lock.release();
      throw error;
    }
  }

  private constructor(
    options: FileAgentOptions,
    input: LineInput,
    publisher: RecordSink,
    registry: Registry,
    lock: AgentLock,
  ) {
    this.#options = options;
    // The glob library wants `/` on every system.
    this.#globs = options.globs.map((glob) => resolve(glob).replaceAll('\\', '/'));
    this.#publisher = publisher;
    this.#lock = lock;
    const follower = {
      input,
      groupTimeoutMs: options.groupTimeoutMs ?? GROUP_TIMEOUT_MS,
      publish: (record: LogRecord, confirmed: () => void) => this.#publish(record, confirmed),
    };
    const filesMax = options.filesMax ?? FILES_MAX;
    const rotatedIdleMs = options.rotatedIdleMs ?? ROTATED_IDLE_MS;
    this.#files = new FollowerSet(registry, { follower, filesMax, rotatedIdleMs }, options.log);
    this.#stopped = new Promise((done) => {
      this.#stop.signal.addEventListener('abort', () => done(), { once: true });
    });
    this.#running = this.#run();
  }

  /** How much is followed and published. */
  get status(): FileAgentStatus {
    const { followers } = this.#files;
    return {
      files: followers.length,
      lagBytes: followers.reduce((sum, one) => sum + Math.max(0, one.stats().size - one.position), 0),
      publisher: this.#publisher.status,
    };
  }

  /** Stops reading, waits for the last confirms, saves the registry. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  async #shutDown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#publisher.close(STOP_TIMEOUT_MS);
    this.#files.close();
    this.#lock.release();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#look();
      const readAny = this.#readAll();
      this.#save();
      if (!this.#hasRoom) await this.#drained(signal);
      // The publisher sends between two rounds.
      else if (readAny) await new Promise(setImmediate);
      else await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.#scannedAtMs < (this.#options.scanIntervalMs ?? SCAN_INTERVAL_MS)) return;
    this.#scannedAtMs = nowMs;
    try {
      this.#files.update(await discoverFiles(this.#globs));
      this.#scanFails = false;
    } catch (error) {
      // A directory that cannot be read today may be readable tomorrow.
      if (!this.#scanFails) this.#options.log?.warn({ err: error }, 'The files cannot be looked for');
      this.#scanFails = true;
    }
    this.#files.release(Date.now());
  }

  /** Reads from each file what there is room for; returns whether there was anything. */
  #readAll(): boolean {
    let readAny = false;
    const nowMs = Date.now();
    for (const follower of this.#files.followers) {
      if (!follower.isDue(nowMs)) continue;
      for (let reads = 0; reads < READS_IN_A_ROW_MAX && this.#hasRoom; reads += 1) {
        const outcome = this.#files.read(follower);
        if (outcome !== 'read') break;
        readAny = true;
      }
    }
    return readAny;
  }

  #publish(record: LogRecord, confirmed: () => void): void {
    this.#hasRoom = this.#publisher.publish(record, (outcome) => {
      if (outcome === 'confirmed' || outcome === 'left-out') confirmed();
    });
  }

  /** Waits until the publisher has room, and goes on saving meanwhile. */
  async #drained(signal: AbortSignal): Promise<void> {
    const drained = this.#publisher.drained().then(() => true);
    while (!signal.aborted) {
      const pause = sleep(SAVE_INTERVAL_MS, false, { ref: false });
      if ((await Promise.race([drained, this.#stopped, pause])) === true) break;
      this.#save();
    }
    this.#hasRoom = true;
  }

  #save(): void {
    const nowMs = Date.now();
    if (nowMs - this.#savedAtMs < SAVE_INTERVAL_MS) return;
    this.#savedAtMs = nowMs;
    this.#files.save();
  }
}

function startPublisher(options: FileAgentOptions): Publisher {
  const { brokerUrl, service, log, publisher } = options;
  return Publisher.start({
    ...publisher,
    service,
    ...(brokerUrl === undefined ? {} : { url: brokerUrl }),
    ...(log === undefined ? {} : { log }),
  });
}
