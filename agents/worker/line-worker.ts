/**
 * The worker thread that publishes, for loggers other than pino: it takes lines of fields, runs beside
 * the application's own thread, and has sent the last of them when the process ends, however it ends.
 *
 * It is pino's own way to run a transport (thread-stream), with `warren/pino` in it.
 */
import { fileURLToPath } from 'node:url';
import { pino, stdSerializers } from 'pino';
import { pinoTransportSettings, type WarrenPinoOptions } from '../pino/options.js';
import { endOnSignals } from './signals.js';

/** How long a flush waits. */
const FLUSH_TIMEOUT_MS = 5_000;
/** How long an end waits after that: as long as pino does. */
const END_TIMEOUT_MS = 10_000;
const TRANSPORT = fileURLToPath(new URL('../pino/transport.js', import.meta.url));

/** A worker that publishes. Never throws after its start, and never waits. */
export class LineWorker {
  readonly #stream: ReturnType<typeof pino.transport>;
  #ending: Promise<void> | undefined;

  /** @throws AgentOptionError for an option that cannot be used */
  constructor(options: WarrenPinoOptions) {
    pinoTransportSettings(options);
    endOnSignals();
    this.#stream = pino.transport({ target: TRANSPORT, options });
    // What the transport would be told by pino: it waits for it.
    this.#stream.emit('message', {
      code: 'PINO_CONFIG',
      config: { levels: pino.levels, messageKey: 'message', errorKey: 'err' },
    });
    // A worker that has gone cannot take lines; that must not be the application's end.
    this.#stream.on('error', () => undefined);
  }

  /** Takes the fields of one line, in the names that `warren/pino` maps; after the end it does nothing. */
  write(fields: Readonly<Record<string, unknown>>): void {
    if (this.#ending === undefined) this.#stream.write(`${lineOf(fields)}\n`);
  }

  /** Resolves when all lines so far are confirmed or on a spool's disk, after five seconds at the latest. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
      this.#stream.flush(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Flushes, then ends the worker. */
  end(): Promise<void> {
    this.#ending ??= this.flush().then(
      () =>
        new Promise<void>((resolve) => {
          // The worker does not keep the process alive; who waits for its end wants to see it.
          const timer = setTimeout(resolve, END_TIMEOUT_MS);
          this.#stream.once('close', () => {
            clearTimeout(timer);
            resolve();
          });
          this.#stream.end();
        }),
    );
    return this.#ending;
  }
}

/** JSON in which errors are whole, and what JSON cannot express is text. */
function lineOf(fields: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(fields, expressible);
  } catch {
    return JSON.stringify(fields, cutCycles());
  }
}

function expressible(_: string, value: unknown): unknown {
  if (value instanceof Error) return stdSerializers.err(value);
  return typeof value === 'bigint' ? String(value) : value;
}

/** A replacer that says where an object is within itself. */
function cutCycles(): (this: unknown, key: string, value: unknown) => unknown {
  const parents: unknown[] = [];
  return function cut(this: unknown, key, given) {
    const value = expressible(key, given);
    if (typeof value !== 'object' || value === null) return value;
    while (parents.length > 0 && parents.at(-1) !== this) parents.pop();
    if (parents.includes(value)) return '[Circular]';
    parents.push(value);
    return value;
  };
}
