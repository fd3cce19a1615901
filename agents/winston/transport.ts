/** The winston transport, `warren/winston`: publishes from a worker thread, as `warren/pino` does. */
import Transport from 'winston-transport';
import type { WarrenPinoOptions } from '../pino/options.js';
import { LineWorker } from '../worker/line-worker.js';

/** Options of `warren/winston`: those of `warren/pino` and of every winston transport. */
export interface WarrenWinstonOptions extends WarrenPinoOptions, Transport.TransportStreamOptions {}

/** Where winston keeps the level as it was logged: `info.level` may have been coloured. */
const LEVEL = Symbol.for('level');

/** A winston transport. `logger.end()` resolves its `finish` once the last lines are confirmed. */
export class WarrenTransport extends Transport {
  readonly #worker: LineWorker;

  /** @throws AgentOptionError for an option that cannot be used */
  constructor(options: WarrenWinstonOptions = {}) {
    const { format, level, silent, handleExceptions, handleRejections, log, logv, close, ...others } =
      options;
    const given = { format, level, silent, handleExceptions, handleRejections, log, logv, close };
    super(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
    this.#worker = new LineWorker(others);
  }

  /** Called by winston for each line. */
  override log = (info: Record<string | symbol, unknown>, next: () => void): void => {
    const { level, ...fields } = info;
    // winston makes own fields of an error's, but for the name of its class.
    const time = fields['timestamp'] === undefined ? { time: Date.now() } : {};
    this.#worker.write({ level: info[LEVEL] ?? level, ...time, ...fields });
    next();
  };

  /** Resolves when all lines so far are confirmed, after five seconds at the latest. */
  flush(): Promise<void> {
    return this.#worker.flush();
  }

  /** Called when the logger ends; `finish` comes after the last confirm. */
  override _final(callback: () => void): void {
    void this.#worker.end().then(callback);
  }
}
