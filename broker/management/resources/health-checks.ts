/** Checks that tell by their status whether something is well: 200, or 503 with the reason. */
import { X509Certificate } from 'node:crypto';
import { anyone, ofVirtualHost } from '../authorization.js';
import { badRequest } from '../http-error.js';
import type { ManagedBroker } from '../managed-broker.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, type Operation, type Resource } from '../resource.js';

const OK: Answer = json({ status: 'ok' });
const DAY_MS = 86_400_000;
const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['days', DAY_MS],
  ['weeks', 7 * DAY_MS],
  ['months', 30 * DAY_MS],
  ['years', 365 * DAY_MS],
]);

/** What RabbitMQ and its users call the protocols; ours are the names of the left. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  amqp: ['amqp', 'amqp091', 'amqp0.9.1', 'amqp0-9-1', 'amqp09'],
  'amqp/ssl': ['amqp/ssl', 'amqps', 'amqp_ssl'],
  http: ['http'],
  https: ['https'],
};

function failed(reason: string, more: object = {}): Answer {
  return { status: 503, json: { status: 'failed', reason, ...more } };
}

function alarms(where: string, { host, nodeName }: ManagedBroker): Answer {
  if (!host.alarms.any) return OK;
  const shown = host.alarms.list().map((resource) => ({ node: nodeName, resource }));
  return failed(`There are alarms in effect ${where}`, { alarms: shown });
}

function port(broker: ManagedBroker, text: string): Answer {
  if (!/^\d{1,5}$/.test(text)) throw badRequest('Invalid port');
  const asked = Number(text);
  const ports = broker.listeners.map((listener) => listener.port);
  return ports.includes(asked)
    ? json({ status: 'ok', port: asked })
    : failed('No active listener', { missing: asked, ports });
}

function protocol(broker: ManagedBroker, asked: string): Answer {
  const protocols = broker.listeners.map((listener) => listener.protocol);
  const found = protocols.find((one) => PROTOCOLS[one]?.includes(asked.toLowerCase()));
  if (found !== undefined) return json({ status: 'ok', protocol: found });
  return failed('No active listener', { missing: asked, protocols: [...new Set(protocols)] });
}

function certificates(request: ManagementRequest): Answer {
  const within = request.parameter('within');
  const unit = UNITS_MS.get(request.parameter('unit').toLowerCase());
  if (unit === undefined) {
    throw badRequest('Time unit not recognised. Supported units: days, weeks, months, years.');
  }
  if (!/^-?\d+$/.test(within)) throw badRequest('Invalid expiration value.');
  if (!/^0*[1-9]\d{0,5}$/.test(within)) throw badRequest('Invalid expiration time range.');
  const deadline = Date.now() + Number(within) * unit;
  const expired = request.broker.certificates().filter(({ pem }) => {
    return Date.parse(new X509Certificate(pem).validTo) < deadline;
  });
  if (expired.length === 0) return OK;
  return failed('Certificates expiring', {
    expired: expired.map(({ protocol: name, port: number, pem }) => ({
      node: request.broker.nodeName,
      protocol: name,
      port: String(number),
      certificates_expired_on: new X509Certificate(pem).validTo,
    })),
  });
}

function inService({ isReady }: ManagedBroker): Answer {
  return isReady() ? OK : failed('the broker is being drained, and takes no clients in');
}

function belowConnectionLimit(broker: ManagedBroker): Answer {
  const { used: connections, most: limit } = broker.sockets();
  if (connections < limit) return json({ status: 'ok', limit, connections });
  return failed('node connection limit is reached', { limit, connections });
}

const SINGLE = json({ status: 'ok', reason: 'single node cluster' });

const check = (path: string, summary: string, run: Operation['run'], access = anyone): Resource => ({
  path: `/health/checks/${path}`,
  access,
  operations: { GET: { summary, run } },
});

export const healthCheckResources: readonly Resource[] = [
  check('alarms', 'No alarm is in effect', ({ broker }) => alarms('in the cluster', broker)),
  check('local-alarms', 'No alarm is in effect on the node', ({ broker }) => alarms('on the node', broker)),
  check(
    'certificate-expiration/:within/:unit',
    'No certificate expires within so many days, weeks, months or years',
    certificates,
  ),
  check('port-listener/:port', 'A port is listened on', (request) =>
    port(request.broker, request.parameter('port')),
  ),
  check('protocol-listener/:protocol', 'A protocol is listened for', (request) =>
    protocol(request.broker, request.parameter('protocol')),
  ),
  check('virtual-hosts', 'All virtual hosts run', () => OK),
  check('node-is-mirror-sync-critical', 'No queue would lose messages with the node', () => SINGLE),
  check('node-is-quorum-critical', 'No queue would lose its quorum with the node', () => SINGLE),
  check(
    'quorum-queues-without-elected-leaders/all-vhosts/pattern/:pattern',
    'Every quorum queue has a leader',
    () => OK,
  ),
  check(
    'quorum-queues-without-elected-leaders/vhost/:vhost/pattern/:pattern',
    'Every quorum queue of a virtual host has a leader',
    (request) => {
      request.requireVirtualHost();
      return OK;
    },
    ofVirtualHost,
  ),
  check('metadata-store/initialized', 'The definitions have been read', () => OK),
  check('metadata-store/initialized/with-data', 'There are definitions', () => OK),
  check('is-in-service', 'Clients are taken in', ({ broker }) => inService(broker)),
  check('ready-to-serve-clients', 'Clients are taken in and served', ({ broker }) => inService(broker)),
  check('below-node-connection-limit', 'There may be more connections', ({ broker }) =>
    belowConnectionLimit(broker),
  ),
];
