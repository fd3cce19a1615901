/**
 * The broker's address: read from a URL, checked, and shown without its password.
 */
import type { Options } from 'amqplib';
import { AgentOptionError } from './errors.js';

/** Where agents find the broker when nothing is said. */
const DEFAULT_BROKER_URL = 'amqp://guest:guest@127.0.0.1:5672';

/** One broker, ready for the client library. */
export interface BrokerAddress {
  readonly connect: Options.Connect;
  /** The URL without its password, for messages. */
  readonly shown: string;
}

/**
 * Reads one URL or a list of them; nothing means `WARREN_BROKER_URL` (a list is separated by commas),
 * else the broker on this machine.
 *
 * @throws AgentOptionError for anything that is not an `amqp:` or `amqps:` URL
 */
export function brokerAddresses(
  url: string | readonly string[] | undefined,
  heartbeatSeconds: number,
): BrokerAddress[] {
  const urls =
    url === undefined ? (process.env['WARREN_BROKER_URL'] ?? DEFAULT_BROKER_URL).split(',') : [url].flat();
  if (urls.length === 0) throw new AgentOptionError('The list of broker URLs is empty.');
  return urls.map((one) => brokerAddress(one, heartbeatSeconds));
}

function brokerAddress(url: string, heartbeatSeconds: number): BrokerAddress {
  let parsed: URL;
  try {
    parsed = new URL(url.trim());
  } catch {
    // The parser's own error quotes the whole URL, password and all, so it is not passed on.
    throw new AgentOptionError('The broker URL is not a URL. It looks like amqp://user:password@host:5672.');
  }
  if (parsed.protocol !== 'amqp:' && parsed.protocol !== 'amqps:') {
    throw new AgentOptionError(`The broker URL starts with ${parsed.protocol} instead of amqp: or amqps:.`);
  }
  const secure = parsed.protocol === 'amqps:';
  const port = parsed.port === '' ? (secure ? 5671 : 5672) : Number(parsed.port);
  // https://www.rabbitmq.com/docs/uri-spec: no path means the default virtual host, `/` the empty name.
  const virtualHost = parsed.pathname.length > 1 ? decodeURIComponent(parsed.pathname.slice(1)) : '/';
  const anonymous = parsed.username === '' && parsed.password === '';
  const username = anonymous ? 'guest' : decodeURIComponent(parsed.username);
  const heartbeat = parsed.searchParams.get('heartbeat');
  return {
    connect: {
      protocol: secure ? 'amqps' : 'amqp',
      hostname: parsed.hostname.replace(/^\[|\]$/g, ''),
      port,
      username,
      password: anonymous ? 'guest' : decodeURIComponent(parsed.password),
      vhost: encodeURIComponent(virtualHost),
      heartbeat: heartbeat === null ? heartbeatSeconds : Number(heartbeat),
    },
    shown: `${parsed.protocol}//${username}@${parsed.hostname}:${port}${parsed.pathname}`,
  };
}
