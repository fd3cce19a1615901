/**
 * The output of a command that is kept running: standard output and standard error as one stream, over
 * all of the command's runs.
 *
 * Responsible for the command's life. What the lines mean is for who reads the stream (stdin-agent.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Backoff } from '../backoff.js';

/** How the command is kept running. */
export interface CommandOptions {
  /** Run by `/bin/sh`. */
  readonly command: string;
  /** First and last ceiling of the pause between an end and the next start. Default 1,000 and 30,000. */
  readonly restartMinMs?: number;
  readonly restartMaxMs?: number;
  /** How long the command may take to end when it is asked to, until it is killed. Default 2,000. */
  readonly stopTimeoutMs?: number;
  /** Told each end, with the exit code. Default silent. */
  readonly log?: Logger;
}

const RESTART_MIN_MS = 1_000;
const RESTART_MAX_MS = 30_000;
const STOP_TIMEOUT_MS = 2_000;
/** A command that ran this long is taken to be well: the next pause is a short one again. */
const WELL_MS = 60_000;
const LINE_FEED = 0x0a;

/** A command that is started again whenever it ends. */
export class CommandOutput {
  readonly #options: CommandOptions;
  readonly #output = new PassThrough();
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #child: ChildProcess | undefined;

  constructor(options: CommandOptions) {
    this.#options = options;
    this.#backoff = new Backoff(
      options.restartMinMs ?? RESTART_MIN_MS,
      options.restartMaxMs ?? RESTART_MAX_MS,
    );
  }

  /** Starts the command, once. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** All that the command prints, in order; it ends after `stop`. */
  get output(): Readable {
    return this.#output;
  }

  /** Asks the command to end (SIGTERM), kills it if it does not, and ends the output after its last byte. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#signal('SIGTERM');
    const timer = setTimeout(() => {
      this.#signal('SIGKILL');
      // Someone who left the command's group may hold its output open for ever.
      this.#child?.stdout?.destroy();
    }, this.#options.stopTimeoutMs ?? STOP_TIMEOUT_MS);
    await this.#running;
    this.#output.end();
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      await this.#runOnce();
      if (performance.now() - startedAtMs >= WELL_MS) this.#backoff.reset();
      if (!signal.aborted) await sleep(this.#backoff.nextMs(), undefined, { signal }).catch(() => undefined);
    }
  }

  async #runOnce(): Promise<void> {
    const { command, log } = this.#options;
    // In a group of its own, so that what it has started ends with it; one pipe keeps the order of lines.
    const child = spawn('/bin/sh', ['-c', `exec 2>&1\n${command}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    this.#child = child;
    let lastByte: number | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      lastByte = chunk[chunk.length - 1];
    });
    child.stdout.pipe(this.#output, { end: false });
    try {
      // `close` comes after the last byte of the output, `exit` may come before it.
      const [exitCode, exitSignal] = await once(child, 'close');
      const fields = { command, exitCode, signal: exitSignal };
      if (this.#stop.signal.aborted) log?.info(fields, 'The command has ended');
      else log?.warn(fields, 'The command has ended and is started again');
    } catch (error) {
      log?.error({ err: error, command }, 'The command cannot be started; trying again');
    }
    this.#child = undefined;
    // What the next run prints is no part of a line that this one did not end.
    if (lastByte !== undefined && lastByte !== LINE_FEED) this.#output.write('\n');
  }

  #signal(name: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch (error) {
      // It has ended in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
