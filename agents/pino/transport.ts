/**
 * The pino transport, `warren/pino`. pino runs it in a worker thread and writes lines to it.
 *
 * Takes every line at once, always: a transport that made pino wait would make the application wait.
 * The bound on memory is the publisher's.
 */
import { hostname } from 'node:os';
import type { Transform } from 'node:stream';
import build from 'pino-abstract-transport';
import { newEventId } from '../event-id.js';
import { type FieldsOrigin, recordFromFields } from '../fields/record-from-fields.js';
import { Publisher } from '../publisher.js';
import { pinoTransportSettings, type WarrenPinoOptions } from './options.js';
import { printToStandardError } from './standard-error.js';

export type { WarrenPinoOptions } from './options.js';

/** What pino tells a transport about the logger, once it has sent its configuration. */
interface PinoConfiguration {
  readonly levels?: { labels?: Record<string, string> };
  readonly messageKey?: string;
  readonly errorKey?: string;
}

/** What pino calls for `logger.flush(callback)`. */
interface Flushable {
  flush?: () => Promise<void>;
}

/** How long `logger.flush` waits for confirms. */
const FLUSH_TIMEOUT_MS = 5_000;

/**
 * Makes the transport's stream. pino calls this; see {@link WarrenPinoOptions}.
 *
 * @throws AgentOptionError for an option that cannot be used, when the logger is made
 */
export default async function warrenTransport(options: WarrenPinoOptions = {}): Promise<Transform> {
  const { service, closeTimeoutMs, fallback, publisher: publisherOptions } = pinoTransportSettings(options);
  const publisher = Publisher.start({
    ...publisherOptions,
    ...(fallback === 'records' ? { onDropped: (body) => printToStandardError(`${body}\n`) } : {}),
  });

  const stream = await build(
    (source) => {
      const origin = originOf(source as PinoConfiguration, service);
      source.on('data', (fields: Record<string, unknown>) => {
        publisher.publish(recordFromFields(fields, origin, newEventId()));
      });
      source.on('unknown', (line: string) => {
        publisher.publish(recordFromFields({ [origin.messageKey]: String(line) }, origin, newEventId()));
      });
    },
    {
      expectPinoConfig: true,
      metadata: false,
      close: async () => {
        const unsent = await publisher.close(closeTimeoutMs);
        if (fallback === 'stderr' && unsent > 0) {
          const { broker, lastError = 'no confirm in time' } = publisher.status;
          printToStandardError(
            `warren/pino: ${unsent} log records could not be sent to ${broker} (${lastError})\n`,
          );
        }
      },
    },
  );
  (stream as Flushable).flush = async () => {
    // The lines are read in this turn of the event loop, and on their way in the next.
    await new Promise(setImmediate);
    await publisher.flush(FLUSH_TIMEOUT_MS);
  };
  return stream;
}

function originOf(configuration: PinoConfiguration, service: FieldsOrigin['service']): FieldsOrigin {
  const levelLabels = configuration.levels?.labels;
  return {
    service,
    hostname: hostname(),
    pid: process.pid,
    messageKey: configuration.messageKey ?? 'msg',
    errorKey: configuration.errorKey ?? 'err',
    ...(levelLabels === undefined ? {} : { levelLabels }),
  };
}
