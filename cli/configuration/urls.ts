/**
 * Where the broker and the store are: the address that was set, or the embedded one's.
 */
import type { Configuration } from './schema.js';

/** The AMQP address, with the password in it: not to be shown. */
export function brokerUrl(configuration: Configuration): string {
  const { broker } = configuration;
  return broker.url ?? `amqp://guest:guest@${dialled(plainHost(configuration))}:${broker.port}`;
}

/** The address of Elasticsearch's API, perhaps with a password in it: not to be shown. */
export function elasticsearchUrl({ elasticsearch, store, host }: Configuration): string {
  return elasticsearch.url ?? `http://${dialled(host)}:${store.port}`;
}

/** The address of a broker's management API, perhaps with a password in it: not to be shown. */
export function managementUrl(configuration: Configuration): string {
  const { management } = configuration;
  return management.url ?? `http://guest:guest@${dialled(plainHost(configuration))}:${management.port}`;
}

/** Where the embedded broker speaks without TLS: on this machine alone, unless it was asked for more. */
export function plainHost({ broker, host }: Configuration): string {
  return broker.allowPlainFromAnywhere || /^(127\.|::1$|localhost$)/.test(host) ? host : '127.0.0.1';
}

/** An address as it may be shown: its password, if any, replaced. */
export function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  return url.href;
}

/** Where to dial what listens on `host`: every address is reached by the loopback one. */
export function dialled(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
