/** Where and how a broker listens, and what it does not do unless it is asked to in so many words. */
import type { Logger } from 'pino';
import { CONNECTION_LIMITS, type ConnectionLimits } from './transport/entrance.js';
import type { ListenOptions } from './transport/listener.js';
import { isLoopback } from './transport/peer-address.js';
import { ServerCertificate } from './transport/server-certificate.js';
import type { TlsOptions } from './transport/tls.js';

export interface ListeningOptions {
  /** The address to listen on; with 127.0.0.1, ::1 too where the machine has it. */
  host?: string;
  /** 0 takes a free one. */
  port?: number;
  /** Speak TLS as well, on a port of its own. */
  tls?: TlsOptions | undefined;
  /** How many connections there may be, and how fast they may come. */
  connectionLimits?: Partial<ConnectionLimits>;
  log?: Logger | undefined;
  /** Listen on an address that is not the loopback's although the user guest is there. */
  allowGuestFromAnywhere?: boolean;
  /** Listen without TLS on an address that is not the loopback's. */
  allowPlainFromAnywhere?: boolean;
}

export class BrokerError extends Error {
  readonly code: 'ERR_WARREN_BROKER_GUEST_EXPOSED' | 'ERR_WARREN_BROKER_PLAIN_EXPOSED';

  constructor(code: BrokerError['code'], message: string) {
    super(message);
    this.name = 'BrokerError';
    this.code = code;
  }
}

/**
 * Where to listen. Where there is TLS for the network, connections without it are for the loopback.
 *
 * @throws BrokerError when what is said would be exposed to a network, TlsError when the certificate
 * cannot be used
 */
export function listenOptionsFor(options: ListeningOptions): ListenOptions {
  const { host = '127.0.0.1', port = 5672, tls, log } = options;
  const plainHost = plainHostFor(host, options);
  return {
    host: plainHost,
    port,
    tlsHost: host,
    certificate: tls && new ServerCertificate(tls, log),
    limits: { ...CONNECTION_LIMITS, ...options.connectionLimits },
  };
}

/**
 * Refuses what would let everybody in.
 *
 * @param users those from before, and of definitions; where there are none guest is made
 * @throws BrokerError when one of them is guest, whose password everybody knows, and a network is listened on
 */
export function requireGuestHidden(options: ListeningOptions, users: readonly { name: string }[]): void {
  const { host = '127.0.0.1', allowGuestFromAnywhere = false } = options;
  if (isLoopback(host) || allowGuestFromAnywhere) return;
  if (users.length > 0 && users.every(({ name }) => name !== 'guest')) return;
  throw new BrokerError(
    'ERR_WARREN_BROKER_GUEST_EXPOSED',
    `refusing to listen on ${host} while the user guest is there; delete it, listen on 127.0.0.1, or allow guest from anywhere in so many words`,
  );
}

function plainHostFor(host: string, options: ListeningOptions): string {
  if (isLoopback(host) || options.allowPlainFromAnywhere) return host;
  if (options.tls !== undefined) return '127.0.0.1';
  throw new BrokerError(
    'ERR_WARREN_BROKER_PLAIN_EXPOSED',
    `refusing to listen on ${host} without TLS; give it a certificate, or allow connections without TLS from anywhere in so many words`,
  );
}
