/** The options of the pino transport, and where their defaults come from. */

import { AgentOptionError } from '../errors.js';
import type { PublisherOptions } from '../publisher-options.js';

/** What is done with records that could not be sent when the process ends. */
type Fallback = 'stderr' | 'records' | 'none';

/** Options of `warren/pino`, as given in `pino({ transport: { target: 'warren/pino', options } })`. */
export interface WarrenPinoOptions
  extends Pick<
    PublisherOptions,
    | 'url'
    | 'tls'
    | 'exchange'
    | 'bufferRecordsMax'
    | 'bufferBytesMax'
    | 'overflow'
    | 'spool'
    | 'recordBytesMax'
    | 'mandatory'
    | 'redaction'
    | 'sampling'
    | 'enrichment'
  > {
  /** `service.name`. Default `OTEL_SERVICE_NAME`, else `npm_package_name`, else `unknown`. */
  service?: string;
  /** `service.environment`. Default `WARREN_ENVIRONMENT`, else `NODE_ENV`, else none. */
  environment?: string;
  /** `service.version`. Default `npm_package_version`, else none. */
  version?: string;
  /** How long the end of the process may wait for the last confirms. Default 5,000, at most 8,000. */
  closeTimeoutMs?: number;
  /** Default `stderr`: one line on standard error that says how many. `records` prints the records. */
  fallback?: Fallback;
}

/** pino gives a transport ten seconds to close before it stops waiting, so this must stay below. */
const CLOSE_TIMEOUT_MS_MAX = 8_000;
const CLOSE_TIMEOUT_MS = 5_000;
const FALLBACKS: readonly string[] = ['stderr', 'records', 'none'];

/** {@link WarrenPinoOptions} with the defaults filled in. */
export interface PinoTransportSettings {
  readonly service: { name: string; version?: string; environment?: string };
  readonly closeTimeoutMs: number;
  readonly fallback: Fallback;
  readonly publisher: PublisherOptions;
}

/**
 * Fills in the defaults.
 *
 * @throws AgentOptionError that names the option and what it may be
 */
export function pinoTransportSettings(options: WarrenPinoOptions): PinoTransportSettings {
  const environment = process.env;
  const name =
    options.service ?? environment['OTEL_SERVICE_NAME'] ?? environment['npm_package_name'] ?? 'unknown';
  if (typeof name !== 'string' || name === '') {
    throw new AgentOptionError('The option service must be a text that is not empty.');
  }
  const service: PinoTransportSettings['service'] = { name };
  const version = options.version ?? environment['npm_package_version'];
  if (version) service.version = version;
  const stage = options.environment ?? environment['WARREN_ENVIRONMENT'] ?? environment['NODE_ENV'];
  if (stage) service.environment = stage;
  const { closeTimeoutMs = CLOSE_TIMEOUT_MS, fallback = 'stderr' } = options;
  if (!(closeTimeoutMs >= 0 && closeTimeoutMs <= CLOSE_TIMEOUT_MS_MAX)) {
    throw new AgentOptionError(`The option closeTimeoutMs must be from 0 to ${CLOSE_TIMEOUT_MS_MAX}.`);
  }
  if (!FALLBACKS.includes(fallback)) {
    throw new AgentOptionError(`The option fallback must be one of ${FALLBACKS.join(', ')}.`);
  }
  const { url, tls, exchange, bufferRecordsMax, bufferBytesMax, overflow, spool, recordBytesMax, mandatory } =
    options;
  const { redaction, sampling, enrichment } = options;
  const buffer = { bufferRecordsMax, bufferBytesMax, overflow, spool };
  const given = { url, tls, exchange, ...buffer, recordBytesMax, mandatory, redaction, sampling, enrichment };
  const publisher = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { service, closeTimeoutMs, fallback, publisher: { ...publisher, service: name } };
}
