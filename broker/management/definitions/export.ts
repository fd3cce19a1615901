/** Exports definitions in the shape of RabbitMQ's, piece by piece, so that none of it is ever whole in memory. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isInternalParameter } from '../../access/global-parameters.js';
import { Queue } from '../../queue/queue.js';
import type { Binding } from '../../routing/binding.js';
import type { Exchange } from '../../routing/exchange.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import { toJson } from '../field-json.js';
import type { ManagedBroker } from '../managed-broker.js';
import { showParameter } from '../resources/parameters.js';
import { showPermission, showTopicPermission } from '../resources/permissions.js';
import { showPolicy } from '../resources/policies.js';
import { showUser } from '../resources/users.js';
import { PRODUCT, VERSION } from '../shown/product.js';
import { isPredeclared } from './apply.js';

/** In one piece. */
const STEP = 256;

/** All that is defined. */
export function exportAll(broker: ManagedBroker): AsyncGenerator<string> {
  const { access } = broker;
  const virtualHosts = [...broker.host.virtualHosts];
  const name = access.globalParameters.clusterName;
  return pieces(
    {
      ...versions(),
      rabbitmq_definition_format: 'cluster',
      original_cluster_name: name,
      explanation: `Definitions of cluster '${name}'`,
    },
    {
      users: access.users.list().map((user) => showUser(broker, user)),
      vhosts: virtualHosts.map(virtualHostDefinition),
      permissions: access.permissions.list().map(showPermission),
      topic_permissions: access.topicPermissions.list().map(showTopicPermission),
      parameters: virtualHosts.flatMap((one) => parametersOf(broker, one)),
      global_parameters: access.globalParameters
        .list()
        .filter(({ name: parameter }) => !isInternalParameter(parameter)),
      policies: virtualHosts.flatMap(policiesOf),
      exchanges: every(virtualHosts, exchangesOf),
      queues: every(virtualHosts, queuesOf),
      bindings: every(virtualHosts, bindingsOf),
    },
  );
}

/** What is defined in a virtual host, without its name. */
export function exportOne(broker: ManagedBroker, virtualHost: VirtualHost): AsyncGenerator<string> {
  const { name, metadata } = virtualHost;
  return pieces(
    {
      ...versions(),
      rabbitmq_definition_format: 'single_virtual_host',
      original_vhost_name: name,
      explanation: `Definitions of virtual host '${name}'`,
      description: metadata.description,
      metadata: metadataOf(virtualHost),
      limits: broker.access.virtualHostLimits.of(name),
    },
    {
      parameters: without(parametersOf(broker, virtualHost)),
      policies: without(policiesOf(virtualHost)),
      exchanges: without(exchangesOf(virtualHost)),
      queues: without(queuesOf(virtualHost)),
      bindings: without(bindingsOf(virtualHost)),
    },
  );
}

async function* pieces(
  head: object,
  lists: Readonly<Record<string, Iterable<object>>>,
): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const [name, list] of Object.entries(lists)) {
    yield `,"${name}":[`;
    let first = true;
    let texts: string[] = [];
    for (const one of list) {
      if (texts.push(JSON.stringify(one)) < STEP) continue;
      yield `${first ? '' : ','}${texts.join(',')}`;
      first = false;
      texts = [];
      await nextTurn();
    }
    if (texts.length > 0) yield `${first ? '' : ','}${texts.join(',')}`;
    yield ']';
  }
  yield '}';
}

function versions(): object {
  return {
    rabbit_version: VERSION,
    rabbitmq_version: VERSION,
    product_name: PRODUCT,
    product_version: VERSION,
  };
}

function* every(
  virtualHosts: readonly VirtualHost[],
  of: (virtualHost: VirtualHost) => Iterable<object>,
): Generator<object> {
  for (const virtualHost of virtualHosts) yield* of(virtualHost);
}

function* without(definitions: Iterable<object>): Generator<object> {
  for (const definition of definitions) {
    const { vhost: _, ...rest } = definition as { vhost?: string };
    yield rest;
  }
}

function metadataOf({ metadata }: VirtualHost): object {
  const { description, tags, defaultQueueType } = metadata;
  return {
    description,
    tags,
    ...(defaultQueueType === undefined ? {} : { default_queue_type: defaultQueueType }),
  };
}

function virtualHostDefinition(virtualHost: VirtualHost): object {
  const { name, metadata } = virtualHost;
  return {
    name,
    description: metadata.description,
    tags: metadata.tags,
    ...(metadata.defaultQueueType === undefined ? {} : { default_queue_type: metadata.defaultQueueType }),
    ...(metadata.protected === true ? { protected_from_deletion: true } : {}),
    metadata: metadataOf(virtualHost),
  };
}

function parametersOf({ access }: ManagedBroker, { name, policies }: VirtualHost): object[] {
  const operatorPolicies = policies.list('operator-policy').map((policy) => {
    const { pattern, applyTo, definition, priority } = policy;
    const value = { pattern, definition, priority, 'apply-to': applyTo };
    return showParameter({ value, virtualHost: name, component: 'operator_policy', name: policy.name });
  });
  return [...access.parameters.list({ virtualHost: name }).map(showParameter), ...operatorPolicies];
}

function policiesOf({ name, policies }: VirtualHost): object[] {
  return policies.list('policy').map((policy) => showPolicy(name, policy));
}

function* exchangesOf({ name: vhost, exchanges }: VirtualHost): Generator<object> {
  for (const { name, type, durable, autoDelete, internal, args } of exchanges.byName.values()) {
    if (isPredeclared(name)) continue;
    yield { name, vhost, type, durable, auto_delete: autoDelete, internal, arguments: toJson(args) };
  }
}

function* queuesOf({ name: vhost, queues }: VirtualHost): Generator<object> {
  for (const { name, type, durable, autoDelete, owner, args } of queues.values()) {
    if (owner !== undefined) continue;
    yield { name, vhost, type, durable, auto_delete: autoDelete, arguments: toJson(args) };
  }
}

function* bindingsOf({ name: vhost, exchanges }: VirtualHost): Generator<object> {
  for (const { bindings } of exchanges.byName.values()) {
    for (const binding of bindings) if (!isExclusive(binding)) yield bindingDefinition(vhost, binding);
  }
}

function isExclusive({ destination }: Binding): boolean {
  return destination instanceof Queue && destination.owner !== undefined;
}

function bindingDefinition(vhost: string, { source, destination, routingKey, args }: Binding): object {
  const kind: 'queue' | 'exchange' = destination instanceof Queue ? 'queue' : 'exchange';
  const ends: { source: Exchange['name']; destination: string } = {
    source: source.name,
    destination: destination.name,
  };
  return {
    source: ends.source,
    vhost,
    destination: ends.destination,
    destination_type: kind,
    routing_key: routingKey,
    arguments: toJson(args),
  };
}
