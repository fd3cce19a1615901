/** Capture of `console`, `warren/console`: what a program prints there is published as well. */
import { format } from 'node:util';
import type { WarrenPinoOptions } from '../pino/options.js';
import { LineWorker } from '../worker/line-worker.js';

/** Options of `warren/console`: those of `warren/pino`, and this one. */
export interface WarrenConsoleOptions extends WarrenPinoOptions {
  /** Whether lines are printed as before, too. Default true. */
  print?: boolean;
}

/** A capture that is on. */
export interface ConsoleCapture {
  /** Resolves when all lines so far are confirmed, after five seconds at the latest. */
  flush(): Promise<void>;
  /** Gives the console back, and resolves when the last lines are confirmed. */
  release(): Promise<void>;
}

/** The methods that print a line, with its level. */
const LEVELS = {
  trace: 'trace',
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
} as const;
const METHODS = Object.keys(LEVELS) as (keyof typeof LEVELS)[];

/**
 * Begins to capture `console.log` and the like, and what is printed by way of them (`console.table`,
 * `console.assert`, `console.count` …).
 *
 * @throws AgentOptionError for an option that cannot be used
 */
export function captureConsole(options: WarrenConsoleOptions = {}): ConsoleCapture {
  const { print = true, ...others } = options;
  const worker = new LineWorker(others);
  const originals = new Map(METHODS.map((method) => [method, console[method]]));
  let isPrinting = false;
  for (const [method, original] of originals) {
    const captured = (...values: unknown[]): void => {
      // `console.trace` prints by way of `console.error`: that is one line, not two.
      if (!isPrinting) worker.write(fieldsOf(method, values));
      if (!print) return;
      const wasPrinting = isPrinting;
      isPrinting = true;
      try {
        original(...values);
      } finally {
        isPrinting = wasPrinting;
      }
    };
    console[method] = captured;
  }
  return {
    flush: () => worker.flush(),
    release: () => {
      for (const [method, original] of originals) console[method] = original;
      return worker.end();
    },
  };
}

function fieldsOf(method: keyof typeof LEVELS, values: unknown[]): Record<string, unknown> {
  const error = values.find((value) => value instanceof Error);
  const message = values.map((value) => (value instanceof Error ? value.message : value));
  const fields = { level: LEVELS[method], time: Date.now(), message: format(...message) };
  if (error !== undefined) return { ...fields, err: error };
  return method === 'trace' ? { ...fields, stack: new Error(fields.message).stack } : fields;
}
