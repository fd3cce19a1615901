/** The broker as its management sees it. The code of that is loaded only where it is asked for. */
import { hostname } from 'node:os';
import type { Access } from './access/access.js';
import type { World } from './management/definitions/apply.js';
import type { ListenerFacts, ManagedBroker, ResourceFacts } from './management/managed-broker.js';
import type { MetricsOptions, MetricsServer } from './management/prometheus/metrics-server.js';
import type { Rates } from './management/rates/rates.js';
import type { ManagementOptions, ManagementServer } from './management/server.js';
import { systemClock } from './queue/clock.js';
import type { Host } from './transport/host.js';
import type { ServerCertificate } from './transport/server-certificate.js';

export interface ManagedOptions extends ManagementOptions {
  /** Speak HTTPS as well, by the broker's certificate. */
  readonly tls?: Pick<ManagementOptions, 'host' | 'port'> | undefined;
  /** Listen for who scrapes metrics on a port of their own as well. */
  readonly metrics?: MetricsOptions | undefined;
}

export interface ManagedSettings {
  /** Definitions as RabbitMQ exports them, imported before anything is listened for: all of them or none. */
  definitionsFile?: string | undefined;
  /** Listen for who manages, by RabbitMQ's HTTP interface. */
  management?: ManagedOptions | undefined;
}

interface AmqpListener {
  readonly host: string;
  readonly port: number;
  readonly tlsHost: string;
  readonly tlsPort: number | undefined;
  readonly certificate: ServerCertificate | undefined;
  readonly connectionsMax: number;
  readonly socketCount: number;
}

/** What only the broker itself knows. */
interface BrokerParts {
  readonly host: Host;
  readonly access: Access;
  readonly amqp: AmqpListener;
  readonly resources: ResourceFacts;
  readonly connect: ManagedBroker['connect'];
  /** Whether clients may come: it neither drains nor stops. */
  readonly isReady: () => boolean;
  readonly drain: ManagedBroker['drain'];
}

/** What is listened to for who manages and who scrapes. */
export class Management {
  readonly port: number;
  tlsPort: number | undefined;
  metricsPort: number | undefined;
  private readonly servers: (ManagementServer | MetricsServer)[] = [];

  constructor(management: ManagementServer) {
    this.port = management.port;
    this.add(management);
  }

  add(server: ManagementServer | MetricsServer): void {
    this.servers.push(server);
  }

  /** Listens no more, and ends the connections there are. */
  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

/** Starts to listen for who manages. Rejects with the system's error when a port is taken. */
export async function startManagement(options: ManagedOptions, parts: BrokerParts): Promise<Management> {
  const { ManagementServer: Server } = await import('./management/server.js');
  const { Sampler } = await import('./management/rates/sampler.js');
  const { Rates } = await import('./management/rates/rates.js');
  const listeners = amqpListeners(parts.amqp);
  const sampler = new Sampler(parts.host, systemClock);
  const broker = managedBroker(parts, listeners, new Rates(sampler));
  const plain = await Server.start(options, broker, () => sampler.stop());
  const management = new Management(plain);
  listeners.push({ protocol: 'http', address: plain.host, port: plain.port });
  try {
    const { certificate } = parts.amqp;
    if (options.tls !== undefined && certificate !== undefined) {
      const { port: _port, host: _host, ...rest } = options;
      const secure = await Server.start({ ...rest, ...options.tls }, broker, () => undefined, certificate);
      management.add(secure);
      management.tlsPort = secure.port;
      listeners.push({ protocol: 'https', address: secure.host, port: secure.port });
    }
    if (options.metrics !== undefined) {
      const { MetricsServer: Metrics } = await import('./management/prometheus/metrics-server.js');
      const metrics = await Metrics.start(options.metrics, broker);
      management.add(metrics);
      management.metricsPort = metrics.port;
      listeners.push({ protocol: 'http/prometheus', address: metrics.host, port: metrics.port });
    }
  } catch (error) {
    await management.stop();
    throw error;
  }
  return management;
}

/** Imports a file of definitions, if there is one. Rejects with a DefinitionsError. */
export async function importDefinitions(file: string | undefined, world: World): Promise<void> {
  if (file === undefined) return;
  const { importFile } = await import('./management/definitions/file.js');
  await importFile(world, file);
}

function amqpListeners({ host, port, tlsHost, tlsPort }: AmqpListener): ListenerFacts[] {
  const listeners = [{ protocol: 'amqp', address: host, port }];
  if (tlsPort !== undefined) listeners.push({ protocol: 'amqp/ssl', address: tlsHost, port: tlsPort });
  return listeners;
}

function certificatesOf(
  { certificate }: AmqpListener,
  listeners: readonly ListenerFacts[],
): { protocol: string; port: number; pem: string | Buffer }[] {
  const secure = listeners.filter(({ protocol }) => protocol === 'amqp/ssl' || protocol === 'https');
  return secure.map(({ protocol, port }) => ({ protocol, port, pem: certificate?.pem ?? '' }));
}

function managedBroker(
  { host, access, amqp, resources, connect, isReady, drain }: BrokerParts,
  listeners: readonly ListenerFacts[],
  rates: Rates,
): ManagedBroker {
  const { virtualHosts, store } = host;
  return {
    resources,
    written: () => new Promise((resolve) => store.whenWritten(resolve)),
    host,
    startedAt: Date.now(),
    nodeName: `warren@${hostname()}`,
    listeners,
    sockets: () => ({ used: amqp.socketCount, most: amqp.connectionsMax }),
    access,
    isReady,
    drain,
    rates: (of, ranges) => rates.details(of, ranges),
    certificates: () => certificatesOf(amqp, listeners),
    reloadCertificates: amqp.certificate && (() => amqp.certificate?.reload()),
    virtualHost: (name) => virtualHosts.get(name),
    connect,
  };
}
