/**
 * One child process that is started, watched, started again when it ends by itself, and drained.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { OperatingError } from '../failure.js';
import { type Ready, type ReadyMessage, SUPERVISED_VARIABLE } from '../long-running.js';

/** The wait before a restart grows from the first to the second, in milliseconds. */
const RESTART_MS_MIN = 250;
const RESTART_MS_MAX = 30_000;

/** A process that served this long, in milliseconds, is started again without a grown wait. */
const STEADY_MS = 30_000;

/** What to run. */
export interface ProcessDefinition {
  /** How it is called in logs, such as `broker`. */
  name: string;
  /** The absolute path of its entry file. */
  entry: string;
  arguments: readonly string[];
  /** Besides the parent's own environment. */
  environment: Readonly<Record<string, string>>;
}

/** A supervised child process. */
export class SupervisedProcess {
  readonly name: string;
  readonly #definition: ProcessDefinition;
  readonly #log: Logger;
  #child: ChildProcess | undefined;
  #fixed: Record<string, string> = {};
  #stopping = false;
  #restartMs = RESTART_MS_MIN;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(definition: ProcessDefinition, log: Logger) {
    this.name = definition.name;
    this.#definition = definition;
    this.#log = log;
  }

  /** The process's id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts it and waits until it serves.
   *
   * @throws OperatingError when it ends before; it has said why on standard error itself
   */
  async start(): Promise<Ready> {
    const child = this.#spawn();
    const ready = await readiness(child);
    if (ready === undefined) throw new OperatingError(`the ${this.name} did not start`);
    this.#fixed = ready.fixed ?? {};
    this.#watch(child);
    return ready;
  }

  /** Drains it; kills it after `drainMs` milliseconds. Safe to call at any time, and again. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const killer = setTimeout(() => {
      this.#log.warn({ part: this.name }, 'A part took too long to drain and was killed');
      child.kill('SIGKILL');
    }, drainMs);
    await ended;
    clearTimeout(killer);
  }

  /** Sends it a signal, if it runs. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  #spawn(): ChildProcess {
    const { entry, arguments: parameters, environment } = this.#definition;
    const child = fork(entry, parameters, {
      env: { ...process.env, ...environment, ...this.#fixed, [SUPERVISED_VARIABLE]: '1' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    return child;
  }

  #watch(child: ChildProcess): void {
    const startedAt = performance.now();
    child.once('exit', (exitCode, signal) => {
      if (this.#stopping) return;
      if (performance.now() - startedAt > STEADY_MS) this.#restartMs = RESTART_MS_MIN;
      const restartMs = this.#restartMs;
      this.#restartMs = Math.min(restartMs * 2, RESTART_MS_MAX);
      this.#log.error({ part: this.name, exitCode, signal, restartMs }, 'A part ended and is started again');
      this.#restartTimer = setTimeout(() => void this.#restart(), restartMs);
    });
  }

  async #restart(): Promise<void> {
    const child = this.#spawn();
    this.#watch(child);
    if ((await readiness(child)) !== undefined) {
      this.#log.info({ part: this.name }, 'A part serves again');
    }
  }
}

/** Resolves with the process's message that it serves, or with nothing when it ends before that. */
function readiness(child: ChildProcess): Promise<Ready | undefined> {
  return new Promise((resolve) => {
    child.on('message', (message: Partial<ReadyMessage>) => {
      if (message.type === 'ready') resolve(message as ReadyMessage);
    });
    child.once('exit', () => resolve(undefined));
    child.once('error', () => resolve(undefined));
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
