/** Makes what definitions define; what is there already stays, or is changed where it can be. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Access } from '../../access/access.js';
import { AccessError } from '../../access/access-error.js';
import { isInternalParameter } from '../../access/global-parameters.js';
import type { PolicyKind } from '../../routing/policy.js';
import { PolicyError } from '../../routing/policy-validation.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import type { VirtualHosts } from '../../routing/virtual-hosts.js';
import { requireName, toTable } from '../amqp-request.js';
import { badRequest } from '../http-error.js';
import { booleanField, fieldOf, type JsonObject, stringField } from '../json-body.js';
import { readMetadata } from '../virtual-host-metadata.js';
import type { Category, Definitions } from './definitions.js';

/** What definitions are made in. */
export interface World {
  readonly virtualHosts: VirtualHosts;
  readonly access: Access;
}

/** What is made in one turn of the event loop. */
const STEP = 64;

type Make = (world: World, definition: JsonObject) => unknown;

/** In this order: what is named has to be there. */
const MAKERS: readonly (readonly [Category, Make])[] = [
  ['users', (world, one) => world.access.putUser(nameOf(one), one)],
  ['vhosts', makeVirtualHost],
  ['permissions', makePermission],
  ['topic_permissions', makeTopicPermission],
  ['parameters', makeParameter],
  ['global_parameters', makeGlobalParameter],
  ['policies', makePolicy],
  ['exchanges', makeExchange],
  ['queues', makeQueue],
  ['bindings', makeBinding],
];

/** Rejects with an HttpError, AccessError, PolicyError or ProtocolError for what cannot be made. */
export async function applyDefinitions(world: World, definitions: Definitions): Promise<void> {
  let made = 0;
  for (const [category, make] of MAKERS) {
    for (const definition of definitions[category]) {
      await make(world, definition);
      if (++made % STEP === 0) await nextTurn();
    }
  }
}

function nameOf(definition: JsonObject, field = 'name'): string {
  return requireName(stringField(definition, field));
}

/** The virtual host that something is in. @throws HttpError 400 in RabbitMQ's words when there is none */
function hostOf({ virtualHosts }: World, definition: JsonObject): VirtualHost {
  const name = fieldOf(definition, 'vhost');
  if (typeof name !== 'string') {
    throw badRequest('Virtual host does not exist and is not specified in definitions file.');
  }
  const found = virtualHosts.get(name);
  if (found !== undefined) return found;
  throw badRequest(`Please create virtual host "${name}" prior to importing definitions.`);
}

function makeVirtualHost({ virtualHosts }: World, definition: JsonObject): void {
  const name = nameOf(definition);
  const metadata = fieldOf(definition, 'metadata');
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  const fields = isObject ? { ...(metadata as JsonObject), ...definition } : definition;
  virtualHosts.put(name, readMetadata(fields, virtualHosts.get(name)?.metadata));
}

/** @throws HttpError 400 when there is no such user */
function userOf({ access }: World, definition: JsonObject): string {
  const user = nameOf(definition, 'user');
  if (!access.users.has(user)) throw badRequest(['no_such_user', user]);
  return user;
}

function makePermission(world: World, definition: JsonObject): void {
  world.access.grant(userOf(world, definition), hostOf(world, definition).name, {
    configure: stringField(definition, 'configure'),
    write: stringField(definition, 'write'),
    read: stringField(definition, 'read'),
  });
}

function makeTopicPermission(world: World, definition: JsonObject): void {
  const user = userOf(world, definition);
  world.access.grantTopic(user, hostOf(world, definition).name, nameOf(definition, 'exchange'), {
    write: stringField(definition, 'write'),
    read: stringField(definition, 'read'),
  });
}

const OPERATOR_POLICY = 'operator_policy';

function makeParameter(world: World, definition: JsonObject): void {
  const virtualHost = hostOf(world, definition);
  const component = stringField(definition, 'component');
  const value = fieldOf(definition, 'value');
  if (component === OPERATOR_POLICY) {
    const fields = typeof value === 'object' && value !== null ? (value as JsonObject) : {};
    putPolicy(virtualHost, 'operator-policy', nameOf(definition), fields);
    return;
  }
  const name = nameOf(definition);
  explained(`${virtualHost.name}/${component}/${name}`, () =>
    world.access.parameters.put(virtualHost.name, component, name, value),
  );
}

function makeGlobalParameter({ access }: World, definition: JsonObject): void {
  const name = nameOf(definition);
  // What RabbitMQ writes down of itself is not ours.
  if (!isInternalParameter(name)) access.globalParameters.put(name, fieldOf(definition, 'value') ?? null);
}

function makePolicy(world: World, definition: JsonObject): void {
  putPolicy(hostOf(world, definition), 'policy', nameOf(definition), definition);
}

function putPolicy(
  { name: vhost, policies }: VirtualHost,
  kind: PolicyKind,
  name: string,
  fields: JsonObject,
): void {
  explained(`${vhost}/${name}`, () =>
    policies.put(kind, name, {
      pattern: fieldOf(fields, 'pattern'),
      definition: fieldOf(fields, 'definition'),
      priority: fieldOf(fields, 'priority'),
      'apply-to': fieldOf(fields, 'apply-to'),
    }),
  );
}

/** Says which of many it was, as RabbitMQ does. */
function explained(which: string, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    const isTold = error instanceof PolicyError || error instanceof AccessError;
    throw isTold ? badRequest(`${error.message} (${which})`) : error;
  }
}

/** Whether it is one that every broker has by itself. */
export function isPredeclared(name: string): boolean {
  return name === '' || name.startsWith('amq.');
}

function makeExchange(world: World, definition: JsonObject): void {
  const name = nameOf(definition);
  const virtualHost = hostOf(world, definition);
  if (isPredeclared(name)) return;
  virtualHost.declareExchange({
    name,
    type: stringField(definition, 'type'),
    durable: booleanField(definition, 'durable', false),
    autoDelete: booleanField(definition, 'auto_delete', false),
    internal: booleanField(definition, 'internal', false),
    args: toTable(fieldOf(definition, 'arguments')),
  });
}

/** Nobody's: a queue that is imported is no connection's own. */
const NOBODY = {};

function makeQueue(world: World, definition: JsonObject): void {
  const name = nameOf(definition);
  const virtualHost = hostOf(world, definition);
  if (isPredeclared(name)) return;
  virtualHost.declareQueue({
    name,
    serverNamed: false,
    durable: booleanField(definition, 'durable', false),
    exclusive: false,
    autoDelete: booleanField(definition, 'auto_delete', false),
    args: toTable(fieldOf(definition, 'arguments')),
    connection: NOBODY,
  });
}

function makeBinding(world: World, definition: JsonObject): void {
  const virtualHost = hostOf(world, definition);
  const source = nameOf(definition, 'source');
  if (source === '') return;
  const destination = nameOf(definition, 'destination');
  const toQueue = fieldOf(definition, 'destination_type') !== 'exchange';
  virtualHost.bind(
    virtualHost.exchanges.require(source),
    toQueue ? virtualHost.requireQueue(destination, NOBODY) : virtualHost.exchanges.require(destination),
    nameOf(definition, 'routing_key'),
    toTable(fieldOf(definition, 'arguments')),
  );
}
