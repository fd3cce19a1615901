/**
 * Where Warren's own logs go: to standard error, for whoever looks at the terminal or as JSON for who
 * collects it, and through the pipeline itself, so that the console is never empty.
 *
 * Without pino's worker thread: ending that one blocks the thread that logs until the broker has
 * confirmed, and in the broker's own process nobody would be left to confirm.
 */
import { hostname } from 'node:os';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import { type FieldsOrigin, recordFromFields } from '../agents/fields/record-from-fields.js';
import { newEventId, Publisher } from '../agents/publisher.js';
import { VERSION } from './version.js';

type Fields = Record<string, unknown>;

/** How long the last own records may take to be handed to the broker, in milliseconds. */
const CLOSE_MS_MAX = 2_000;

/** What {@link openOwnLog} needs. */
export interface OwnLogOptions {
  /** Such as `warren-broker`. */
  service: string;
  environment: string;
  level: string;
  /** For a person at a terminal, who is shown warnings and worse, or all of it as JSON, a line each. */
  format: 'pretty' | 'json';
  /** Whether it goes through Warren as well. */
  publish: boolean;
}

/** The log of one of Warren's own processes. */
export class OwnLog {
  readonly log: Logger;
  readonly #options: OwnLogOptions;
  readonly #streams: ReturnType<typeof pino.multistream>;
  #publisher: Publisher | undefined;

  constructor(options: OwnLogOptions) {
    const { service, level, format } = options;
    this.#options = options;
    const stream =
      format === 'json'
        ? { level: level as pino.Level, stream: pino.destination({ dest: 2, sync: true }) }
        : { level: 'warn' as const, stream: forTerminal(service) };
    this.#streams = pino.multistream(level === 'silent' ? [] : [stream]);
    this.log = pino({ level, name: service }, this.#streams);
  }

  /** From now on also sends every line through a broker; lines before this went to the terminal only. */
  sendThrough(brokerUrl: string): void {
    const { service, environment, level, publish } = this.#options;
    if (level === 'silent' || !publish) return;
    const publisher = Publisher.start({ url: brokerUrl, service });
    const origin: FieldsOrigin = {
      service: { name: service, environment, version: VERSION },
      hostname: hostname(),
      pid: process.pid,
      messageKey: 'msg',
      errorKey: 'err',
    };
    const write = (line: string) => {
      publisher.publish(recordFromFields(JSON.parse(line) as Fields, origin, newEventId()));
    };
    this.#streams.add({ level: level as pino.Level, stream: { write } });
    this.#publisher = publisher;
  }

  /**
   * Hands over what is left and closes the way to the broker. What cannot be handed over in time is
   * only Warren's own talk: not worth holding up the end.
   */
  async close(): Promise<void> {
    await this.#publisher?.close(CLOSE_MS_MAX);
  }
}

function forTerminal(service: string): pretty.PrettyStream {
  return pretty({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY === true,
    ignore: 'pid,hostname,name',
    messageFormat: `${service}: {msg}`,
    singleLine: true,
  });
}
