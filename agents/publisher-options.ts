/**
 * The publisher's options, their defaults and limits, and the shape of its status.
 */
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import { AgentOptionError } from './errors.js';
import type { OverflowPolicy } from './outbox.js';
import { LOGS_EXCHANGE } from './record.js';
import type { RefinementOptions } from './refinement/refinement.js';
import type { LeftOutReason } from './refinement/sampling.js';
import {
  type SpoolOptions,
  type SpoolSettings,
  type SpoolStatus,
  spoolSettings,
} from './spool/spool-options.js';

/** Why a record was given up: the buffer was full, it cannot be encoded, or time ran out at the end. */
export type DropReason = 'overflow' | 'unencodable' | 'closed';

/** Everything a publisher can be told; all of it optional. */
export interface PublisherOptions extends RefinementOptions {
  /** One AMQP URL, or several that are tried in turn. Default `WARREN_BROKER_URL`, else this machine. */
  url?: string | readonly string[];
  /** For `amqps:` URLs, as `node:tls` takes them. */
  tls?: SecureContextOptions & { servername?: string; rejectUnauthorized?: boolean };
  /** Names the connection, and the publisher's own records. Default `unknown`. */
  service?: string;
  /** The topic exchange to publish to. Default `logs`. */
  exchange?: string;
  /** Records kept in memory at most, in flight included. Default 100,000. */
  bufferRecordsMax?: number;
  /** Bytes kept in memory at most, in flight included. Default 64 MiB. */
  bufferBytesMax?: number;
  /** What goes when the buffer is full. Default `drop-oldest`. */
  overflow?: OverflowPolicy;
  /** Where records go that memory has no room for, or that the broker does not take. Default none. */
  spool?: SpoolOptions;
  /** A larger record is cut down to its core. Default 1 MiB. */
  recordBytesMax?: number;
  /** Unconfirmed records at most. Default 1,000. */
  windowRecordsMax?: number;
  /** Unconfirmed bytes at most. Default 8 MiB. */
  windowBytesMax?: number;
  /** Whether a record that no queue takes is kept and tried again. Default true. */
  mandatory?: boolean;
  /** Ceiling of the delay between two tries of a routing key that no queue takes. Default 5,000. */
  unroutableRetryMaxMs?: number;
  /** Ceiling of the delay between two attempts to connect. Default 15,000. */
  reconnectMaxMs?: number;
  /** How long one attempt to connect may take. Default 10,000. */
  connectTimeoutMs?: number;
  /** The AMQP heartbeat, unless the URL says otherwise; 0 turns it off. Default 10. */
  heartbeatSeconds?: number;
  /** Told of each record that is given up, with its body. Must not throw. */
  onDropped?: (body: Buffer, reason: DropReason) => void;
  /** For changes of state. Default silent. */
  log?: Logger;
}

/** A snapshot of a publisher: plain values, safe to print or to serialise. */
export interface PublisherStatus {
  state: 'connecting' | 'connected' | 'blocked' | 'closed';
  /** The broker's URL without its password. */
  broker: string;
  /** Times a record was sent; one record may be sent more than once. */
  published: number;
  confirmed: number;
  /** Times a record came back because no queue takes it. */
  returned: number;
  nacked: number;
  dropped: Record<DropReason, number>;
  /** Records that sampling left out. */
  leftOut: Record<LeftOutReason, number>;
  /** Records in memory: waiting, held and in flight. */
  buffered: number;
  bufferedBytes: number;
  inFlight: number;
  /** Connections opened. */
  connects: number;
  /** The disk behind the memory, where one is used. */
  spool?: SpoolStatus;
  /** Why the broker cannot be reached; absent while it can. */
  lastError?: string;
}

/** {@link PublisherOptions} with the defaults filled in. */
export type PublisherSettings = Required<
  Omit<PublisherOptions, 'url' | 'tls' | 'onDropped' | 'log' | 'spool' | keyof RefinementOptions>
> &
  RefinementOptions &
  Pick<PublisherOptions, 'url' | 'tls' | 'onDropped' | 'log'> & { readonly spool?: SpoolSettings };

const DEFAULTS = {
  service: 'unknown',
  exchange: LOGS_EXCHANGE,
  bufferRecordsMax: 100_000,
  bufferBytesMax: 64 * 1024 * 1024,
  overflow: 'drop-oldest',
  recordBytesMax: 1024 * 1024,
  windowRecordsMax: 1_000,
  windowBytesMax: 8 * 1024 * 1024,
  mandatory: true,
  unroutableRetryMaxMs: 5_000,
  reconnectMaxMs: 15_000,
  connectTimeoutMs: 10_000,
  heartbeatSeconds: 10,
} as const satisfies Partial<PublisherOptions>;

/** The options that are numbers, with the least value each may have. */
const LEAST = {
  bufferRecordsMax: 1,
  bufferBytesMax: 1024,
  recordBytesMax: 1024,
  windowRecordsMax: 1,
  windowBytesMax: 1024,
  unroutableRetryMaxMs: 1,
  reconnectMaxMs: 1,
  connectTimeoutMs: 1,
  heartbeatSeconds: 0,
} as const;

/**
 * Fills in the defaults. An option that is `undefined` counts as not given.
 *
 * @throws AgentOptionError that names the option and what it may be
 */
export function publisherSettings(options: PublisherOptions): PublisherSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { spool, ...others } = given as PublisherOptions;
  const settings: PublisherSettings = {
    ...DEFAULTS,
    ...others,
    ...(spool === undefined ? {} : { spool: spoolSettings(spool) }),
  };
  for (const [name, least] of Object.entries(LEAST)) {
    const value: unknown = settings[name as keyof typeof LEAST];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
      throw new AgentOptionError(`The option ${name} must be a number of at least ${least}.`);
    }
  }
  if (settings.overflow !== 'drop-oldest' && settings.overflow !== 'drop-newest') {
    throw new AgentOptionError('The option overflow must be drop-oldest or drop-newest.');
  }
  return settings;
}
