/** `warren broker list-…`: what there is in a broker. */
import type { Command } from 'commander';
import { type Listing, listCommand } from '../../management/listing.js';

/** `/api/<resource>` for all virtual hosts, `/api/<resource>/<virtual host>` for one. */
function under(resource: string): Listing['path'] {
  return (virtualHost) => (virtualHost === undefined ? [resource] : [resource, virtualHost]);
}

/** `/api/<resource>` for all virtual hosts, `/api/vhosts/<virtual host>/<resource>` for one. */
function ofVirtualHost(resource: string): Listing['path'] {
  return (virtualHost) => (virtualHost === undefined ? [resource] : ['vhosts', virtualHost, resource]);
}

const USER_ARGUMENT = [['<user>', 'the name of the user']] as const;
const userWhat = ([user]: readonly string[]): string => `user '${user}'`;

const TOPOLOGY: readonly Listing[] = [
  {
    name: 'list-queues',
    about: 'list queues and what is in them',
    example: 'list-queues name messages consumers --sort messages --reverse',
    columns: [
      'vhost',
      'name',
      'type',
      'messages_ready',
      'messages_unacknowledged',
      'messages',
      'consumers',
      'policy',
    ],
    inVirtualHost: true,
    path: under('queues'),
  },
  {
    name: 'list-exchanges',
    about: 'list exchanges',
    example: 'list-exchanges -p shop name type',
    columns: ['vhost', 'name', 'type', 'durable', 'auto_delete', 'policy'],
    inVirtualHost: true,
    path: under('exchanges'),
  },
  {
    name: 'list-bindings',
    about: 'list bindings',
    example: 'list-bindings source_name destination_name routing_key',
    columns: ['vhost', 'source_name', 'destination_name', 'destination_kind', 'routing_key', 'arguments'],
    places: {
      source_name: 'source',
      destination_name: 'destination',
      destination_kind: 'destination_type',
    },
    inVirtualHost: true,
    path: under('bindings'),
  },
];

const PEERS: readonly Listing[] = [
  {
    name: 'list-connections',
    about: 'list connections',
    example: 'list-connections name user vhost channels state',
    columns: ['name', 'user', 'vhost', 'state', 'channels', 'protocol', 'ssl'],
    inVirtualHost: true,
    path: ofVirtualHost('connections'),
  },
  {
    name: 'list-channels',
    about: 'list channels',
    example: 'list-channels name messages_unacknowledged prefetch_count',
    columns: ['name', 'user', 'vhost', 'consumer_count', 'messages_unacknowledged', 'prefetch_count'],
    places: { connection: 'connection_details.name' },
    inVirtualHost: true,
    path: ofVirtualHost('channels'),
  },
  {
    name: 'list-consumers',
    about: 'list consumers',
    example: 'list-consumers -p shop',
    columns: ['vhost', 'queue_name', 'channel', 'consumer_tag', 'ack_required', 'prefetch_count', 'active'],
    places: { vhost: 'queue.vhost', queue_name: 'queue.name', channel: 'channel_details.name' },
    inVirtualHost: true,
    path: under('consumers'),
  },
];

const ACCESS: readonly Listing[] = [
  {
    name: 'list-vhosts',
    about: 'list virtual hosts',
    example: 'list-vhosts name tags',
    columns: ['name', 'description', 'tags', 'default_queue_type', 'tracing'],
    path: () => ['vhosts'],
  },
  {
    name: 'list-users',
    about: 'list users and their tags',
    example: 'list-users',
    columns: ['user', 'tags'],
    places: { user: 'name' },
    path: () => ['users'],
  },
  {
    name: 'list-permissions',
    about: 'list what users may configure, write and read',
    example: 'list-permissions -p shop',
    columns: ['vhost', 'user', 'configure', 'write', 'read'],
    inVirtualHost: true,
    path: ofVirtualHost('permissions'),
  },
  {
    name: 'list-user-permissions',
    about: 'list the permissions of a user in all virtual hosts',
    example: 'list-user-permissions anna',
    arguments: USER_ARGUMENT,
    columns: ['vhost', 'configure', 'write', 'read'],
    path: (_, [user]) => ['users', user as string, 'permissions'],
    what: userWhat,
  },
  {
    name: 'list-topic-permissions',
    about: 'list which routing keys users may use in topic exchanges',
    example: 'list-topic-permissions -p shop',
    columns: ['vhost', 'user', 'exchange', 'write', 'read'],
    inVirtualHost: true,
    path: ofVirtualHost('topic-permissions'),
  },
  {
    name: 'list-user-topic-permissions',
    about: 'list the topic permissions of a user in all virtual hosts',
    example: 'list-user-topic-permissions anna',
    arguments: USER_ARGUMENT,
    columns: ['vhost', 'exchange', 'write', 'read'],
    path: (_, [user]) => ['users', user as string, 'topic-permissions'],
    what: userWhat,
  },
];

const LIMITS_AND_SETTINGS: readonly Listing[] = [
  {
    name: 'list-vhost-limits',
    about: 'list the limits of virtual hosts',
    example: 'list-vhost-limits',
    columns: ['vhost', 'limits'],
    places: { limits: 'value' },
    inVirtualHost: true,
    path: under('vhost-limits'),
  },
  {
    name: 'list-user-limits',
    about: 'list the limits of users',
    example: 'list-user-limits',
    columns: ['user', 'limits'],
    places: { limits: 'value' },
    path: () => ['user-limits'],
  },
  ...(['policies', 'operator-policies'] as const).map(
    (resource): Listing => ({
      name: `list-${resource}`,
      about: `list ${resource.replace('-', ' ')}`,
      example: `list-${resource} -p shop`,
      columns: ['vhost', 'name', 'pattern', 'apply-to', 'definition', 'priority'],
      places: { apply_to: 'apply-to' },
      inVirtualHost: true,
      path: under(resource),
    }),
  ),
  {
    name: 'list-parameters',
    about: 'list the parameters of components',
    example: 'list-parameters -p shop',
    columns: ['vhost', 'component', 'name', 'value'],
    inVirtualHost: true,
    path: () => ['parameters'],
    picked: true,
  },
  {
    name: 'list-global-parameters',
    about: 'list the parameters of the whole broker',
    example: 'list-global-parameters',
    columns: ['name', 'value'],
    path: () => ['global-parameters'],
  },
  {
    name: 'list-feature-flags',
    about: 'list feature flags',
    example: 'list-feature-flags name state',
    columns: ['name', 'state', 'stability'],
    path: () => ['feature-flags'],
  },
];

export function listCommands(): Command[] {
  return [...TOPOLOGY, ...PEERS, ...ACCESS, ...LIMITS_AND_SETTINGS].map(listCommand);
}
