// A broker as policies are put to it: ours in this process, and Debian's RabbitMQ by its management API.
import { Broker } from '../../../broker/broker.js';
import type { PolicyKind } from '../../../broker/routing/policy.js';
import { putPolicy, virtualHostOf } from '../../support/policies.js';
import { freePort, startRabbitmq } from '../rabbitmq.js';

/** What is sent for a policy. */
export interface PolicyBody {
  pattern?: unknown;
  definition?: unknown;
  priority?: unknown;
  'apply-to'?: unknown;
}

/** What is shown of a queue or an exchange. */
interface Shown {
  policy: string | null;
  /** Of a queue. */
  operatorPolicy?: string | null;
  effective?: Record<string, unknown>;
}

export interface PolicyBroker {
  /** For amqplib. */
  readonly url: string;
  /** Returns why it is refused, if it is. */
  put(kind: PolicyKind, name: string, body: PolicyBody): Promise<string | undefined>;
  /** Returns whether there was one. */
  drop(kind: PolicyKind, name: string): Promise<boolean>;
  showQueue(name: string): Promise<Shown | undefined>;
  showExchange(name: string): Promise<Shown | undefined>;
  /** The names of the queues that a policy applies to. */
  namesUnder(policy: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** Ours. */
export async function startOurs(): Promise<PolicyBroker> {
  const broker = await Broker.start({ port: 0 });
  const virtualHost = virtualHostOf(broker);
  return {
    url: broker.url,
    put: async (kind, name, body) =>
      putPolicy(virtualHost, kind, name, { pattern: undefined, definition: undefined, ...body }),
    drop: async (kind, name) => virtualHost.policies.drop(kind, name),
    showQueue: async (name) => {
      const queue = virtualHost.queue(name);
      if (queue === undefined) return undefined;
      const { policy = null, operatorPolicy = null, definition = {} } = queue.policies;
      return { policy, operatorPolicy, effective: { ...definition } };
    },
    showExchange: async (name) => {
      const exchange = virtualHost.exchange(name);
      return exchange === undefined ? undefined : { policy: exchange.policies.policy ?? null };
    },
    namesUnder: async (policy) =>
      [...virtualHost.queues.values()]
        .filter(({ policies }) => policies.policy === policy)
        .map(({ name }) => name)
        .sort(),
    stop: () => broker.stop(),
  };
}

interface ShownByRabbitmq {
  policy?: string | null;
  operator_policy?: string | null;
  effective_policy_definition?: Record<string, unknown>;
}

/** Debian's RabbitMQ, which collects what it shows every second. */
export async function startTheirs(): Promise<PolicyBroker> {
  const managementPort = await freePort();
  const { host, port, stop } = await startRabbitmq({
    plugins: ['rabbitmq_management'],
    configuration: [
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`,
      'collect_statistics_interval = 100',
      'management.sample_retention_policies.global.minute = 1',
      'management.sample_retention_policies.basic.minute = 1',
      'management.sample_retention_policies.detailed.10 = 1',
    ],
  });
  const call = async (method: string, path: string, body?: unknown): Promise<Response> =>
    await fetch(`http://${host}:${managementPort}/api/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const pathOf = (kind: PolicyKind, name: string): string =>
    `${kind === 'policy' ? 'policies' : 'operator-policies'}/%2F/${encodeURIComponent(name)}`;
  const show = async (path: string): Promise<ShownByRabbitmq | undefined> => {
    const response = await call('GET', path);
    return response.ok ? ((await response.json()) as ShownByRabbitmq) : undefined;
  };
  return {
    url: `amqp://guest:guest@${host}:${port}`,
    put: async (kind, name, body) => {
      const response = await call('PUT', pathOf(kind, name), body);
      const text = await response.text();
      return response.ok ? undefined : unescapeHtml((JSON.parse(text) as { reason: string }).reason);
    },
    drop: async (kind, name) => (await call('DELETE', pathOf(kind, name))).ok,
    showQueue: async (name) => {
      const shown = await show(`queues/%2F/${encodeURIComponent(name)}`);
      if (shown === undefined) return undefined;
      const {
        policy = null,
        operator_policy: operatorPolicy = null,
        effective_policy_definition: effective = {},
      } = shown;
      return { policy, operatorPolicy, effective };
    },
    showExchange: async (name) => {
      const shown = await show(`exchanges/%2F/${encodeURIComponent(name)}`);
      return shown === undefined ? undefined : { policy: shown.policy ?? null };
    },
    namesUnder: async (policy) => {
      const queues = (await (await call('GET', 'queues?disable_stats=true')).json()) as {
        name: string;
        policy?: string;
      }[];
      return queues
        .filter((queue) => queue.policy === policy)
        .map(({ name }) => name)
        .sort();
    },
    stop,
  };
}

/** It escapes reasons for the pages of its own console. */
function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
