/**
 * The life of a long-running command: start, say `Warren is ready`, drain on the first signal, end.
 *
 * Under a supervisor (`warren up`) readiness is a message to the parent instead of a line, the
 * terminal's Ctrl-C is left to the parent, and losing the parent means to drain and end.
 */
import { EXIT, explainFailure, type PortSetting } from './failure.js';

/** How long a drain may take before the process ends all the same, in milliseconds. */
const DRAIN_MS_MAX = 9_000;

/**
 * One Ctrl-C can arrive twice (from the terminal, and passed on by npm); only a signal this much
 * later, in milliseconds, is the impatience of a person.
 */
export const SAME_SIGNAL_MS = 300;

/** Set in the environment of a supervised process. */
export const SUPERVISED_VARIABLE = 'WARREN_SUPERVISED';

/** What a command tells once it serves. */
export interface Ready {
  /** Addresses by what answers there, such as `{ broker: 'amqp://127.0.0.1:5672' }`. */
  addresses: Record<string, string>;
  /** Environment variables that keep a restart on the same addresses. */
  fixed?: Record<string, string>;
  /** Lines to show once, such as the first administrator's password. */
  notices?: string[];
}

/** A started command. */
export interface Running extends Ready {
  /** Whether standard output is for something else than saying that it is ready. */
  isQuiet?: boolean;
  /** Fulfilled when there is nothing left to do; absent where only a signal ends it. */
  ended?: Promise<void>;
  /** How long its drain may take, where that is more than usual, in milliseconds. */
  drainMsMax?: number;
  stop(): Promise<void>;
  /** Reads anew what may change while it runs, on SIGHUP. */
  reload?(): void;
}

/** The message a supervised process sends to its parent. */
export interface ReadyMessage extends Ready {
  type: 'ready';
}

/**
 * Starts a long-running command and ends the process when it is over: 0 after a drain, 1 after a
 * failure or a drain that took too long, 128 plus the signal's number after a second signal.
 */
export async function runUntilStopped(
  start: () => Promise<Running>,
  ports?: () => readonly PortSetting[],
): Promise<void> {
  const supervised = process.env[SUPERVISED_VARIABLE] !== undefined && process.send !== undefined;
  const starting = start();
  const life = new Life(starting);
  process.on('SIGTERM', () => life.signal(15));
  process.on('SIGINT', () => (supervised ? undefined : life.signal(2)));
  process.on('uncaughtException', (error) => fail(error));
  process.on('unhandledRejection', (error) => fail(error));
  if (supervised) process.on('disconnect', () => life.signal(15));
  try {
    const running = await starting;
    // For a terminal SIGHUP says that it is gone.
    if (running.reload && !process.stdin.isTTY) process.on('SIGHUP', () => running.reload?.());
    if (running.isQuiet !== true) announce(running, supervised);
    void running.ended?.then(() => life.end());
  } catch (error) {
    fail(error, ports);
  }
}

/** Prints what a person needs to know of a command that serves now. */
function printReady({ addresses, notices = [] }: Ready): void {
  const width = Math.max(...Object.keys(addresses).map((name) => name.length));
  const lines = Object.entries(addresses).map(([name, address]) => `  ${name.padEnd(width)}  ${address}`);
  process.stdout.write(`${['Warren is ready', ...lines, ...notices].join('\n')}\n`);
}

function announce(running: Running, supervised: boolean): void {
  if (!supervised) {
    printReady(running);
    return;
  }
  const { addresses, fixed, notices } = running;
  const message: ReadyMessage = {
    type: 'ready',
    addresses,
    ...(fixed && { fixed }),
    ...(notices && { notices }),
  };
  process.send?.(message);
}

class Life {
  readonly #starting: Promise<Running>;
  #firstSignalAt: number | undefined;

  constructor(starting: Promise<Running>) {
    this.#starting = starting;
  }

  signal(number: number): void {
    const now = performance.now();
    if (this.#firstSignalAt === undefined) {
      this.#firstSignalAt = now;
      void this.#drain();
    } else if (now - this.#firstSignalAt >= SAME_SIGNAL_MS) {
      process.exit(128 + number);
    }
  }

  /** There is nothing left to do; a drain that a signal began goes on. */
  end(): void {
    if (this.#firstSignalAt !== undefined) return;
    this.signal(15);
  }

  async #drain(): Promise<void> {
    const tooLong = (): never => {
      process.stderr.write('warren: the drain took too long; what was under way will be sent again\n');
      process.exit(EXIT.failed);
    };
    const timer = setTimeout(tooLong, DRAIN_MS_MAX).unref();
    try {
      const running = await this.#starting;
      const { drainMsMax = 0 } = running;
      if (drainMsMax > DRAIN_MS_MAX) {
        clearTimeout(timer);
        setTimeout(tooLong, drainMsMax).unref();
      }
      await running.stop();
      process.exit(EXIT.ok);
    } catch (error) {
      fail(error);
    }
  }
}

function fail(error: unknown, ports?: () => readonly PortSetting[]): never {
  const { message, exitCode } = explainFailure(error, ports);
  process.stderr.write(`warren: ${message}\n`);
  process.exit(exitCode);
}
