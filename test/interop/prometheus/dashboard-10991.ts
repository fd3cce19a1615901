// What Grafana's dashboard 10991 (RabbitMQ-Overview, as for RabbitMQ 4.1 and later) asks Prometheus, by panel.
// The expressions are the dashboard's: what they join by and sum up is what Warren has to have.

/** How the dashboard names the broker that it shows. */
const IDENTITY =
  'on(instance, job) group_left(rabbitmq_cluster, rabbitmq_node) rabbitmq_identity_info{rabbitmq_cluster="$rabbitmq_cluster", namespace="$namespace",rabbitmq_endpoint="$endpoint"}';

const sum = (of: string): string => `sum(${of} * ${IDENTITY})`;
const byNode = (of: string): string => `${sum(of)} by(rabbitmq_node)`;
const rate = (name: string): string => byNode(`rate(rabbitmq_${name}_total[60s])`);
const messages = (what: string): string => rate(`global_messages_${what}`);
const irate = (what: string): string =>
  sum(`irate(rabbitmq_global_messages_${what}_total[$__rate_interval])`);
const upTo = (bytes: string): string =>
  sum(`increase(rabbitmq_message_size_bytes_bucket{le="${bytes}"}[$__range])`);
const sized = (upper: string, lower?: string): string =>
  lower === undefined
    ? `${upTo(upper)} / ${upTo('+Inf')}`
    : `(${upTo(upper)} - ${upTo(lower)}) / ${upTo('+Inf')}`;

/** The expressions, by the title of their panel and, where it has several, by what each is of. */
export const DASHBOARD: Readonly<Record<string, string>> = {
  'Ready messages': sum('rabbitmq_queue_messages_ready'),
  'Outgoing messages / s': irate('delivered'),
  Publishers: sum('rabbitmq_global_publishers'),
  Connections: sum('rabbitmq_connections'),
  Queues: sum('rabbitmq_queues'),
  'Unacknowledged messages': sum('rabbitmq_queue_messages_unacked'),
  'Incoming messages / s': irate('received'),
  Consumers: sum('rabbitmq_global_consumers'),
  Channels: sum('rabbitmq_channels'),
  Nodes:
    'count(rabbitmq_identity_info{namespace="$namespace",rabbitmq_cluster="$rabbitmq_cluster",rabbitmq_endpoint="$endpoint"})',
  'The table of nodes':
    'rabbitmq_erlang_uptime_seconds *on(instance,job) group_left(rabbitmq_version, erlang_version) rabbitmq_build_info * on(instance, job) group_left(rabbitmq_cluster, rabbitmq_node) rabbitmq_identity_info{namespace="$namespace", rabbitmq_cluster="$rabbitmq_cluster", rabbitmq_endpoint="$endpoint"}',
  'Memory available before publishers blocked': `(rabbitmq_resident_memory_limit_bytes * ${IDENTITY}) -\n(rabbitmq_process_resident_memory_bytes * ${IDENTITY})`,
  'Disk space available before publishers blocked': `rabbitmq_disk_space_available_bytes * ${IDENTITY}`,
  'Messages ready to be delivered to consumers': byNode('rabbitmq_queue_messages_ready'),
  'Messages pending consumer acknowledgement': byNode('rabbitmq_queue_messages_unacked'),
  'Messages published / s': messages('received'),
  'Avg Size': `${sum('increase(rabbitmq_message_size_bytes_sum[$__range])')} / ${sum('increase(rabbitmq_message_size_bytes_count[$__range])')}`,
  'Message Size Distribution: 0-100B': sized('100'),
  'Message Size Distribution: 100B-1KB': sized('1000', '100'),
  'Message Size Distribution: 1KB-10KB': sized('10000', '1000'),
  'Message Size Distribution: 10KB-100KB': sized('100000', '10000'),
  'Message Size Distribution: 100KB-1MB': sized('1000000', '100000'),
  'Message Size Distribution: 1MB-10MB': sized('10000000', '1000000'),
  'Message Size Distribution: 10MB-50MB': sized('50000000', '10000000'),
  'Message Size Distribution: 50MB-100MB': sized('100000000', '50000000'),
  'Message Size Distribution: 100MB+': sized('+Inf', '100000000'),
  'Messages routed to queues / s': messages('routed'),
  'Messages confirmed to publishers / s': messages('confirmed'),
  'Unroutable messages dropped & returned / s: dropped': messages('unroutable_dropped'),
  'Unroutable messages dropped & returned / s: returned': messages('unroutable_returned'),
  'Messages unconfirmed to publishers / s': `sum(rate(rabbitmq_global_messages_received_confirm_total[60s]) * ${IDENTITY} - \nrate(rabbitmq_global_messages_confirmed_total[60s]) * ${IDENTITY}\n) by(rabbitmq_node)`,
  'Messages delivered / s': `sum(\n  (rate(rabbitmq_global_messages_delivered_consume_auto_ack_total[60s]) * ${IDENTITY}) +\n  (rate(rabbitmq_global_messages_delivered_consume_manual_ack_total[60s]) * ${IDENTITY})\n) by(rabbitmq_node)`,
  'Messages redelivered / s': messages('redelivered'),
  'Messages delivered with manual ack / s': messages('delivered_consume_manual_ack'),
  'Messages delivered auto ack / s': messages('delivered_consume_auto_ack'),
  'Messages acknowledged / s': messages('acknowledged'),
  'Polling operations with auto ack / s': messages('delivered_get_auto_ack'),
  'Polling operations that yield no result / s': messages('get_empty'),
  'Polling operations with manual ack / s': messages('delivered_get_manual_ack'),
  'Total queues': `rabbitmq_queues * ${IDENTITY}`,
  'Queues declared / s': rate('queues_declared'),
  'Queues created / s': rate('queues_created'),
  'Queues deleted / s': rate('queues_deleted'),
  'Total channels': `rabbitmq_channels * ${IDENTITY}`,
  'Channels opened / s': rate('channels_opened'),
  'Channels closed / s': rate('channels_closed'),
  'Total connections': `rabbitmq_connections * ${IDENTITY}`,
  'Connections opened / s': rate('connections_opened'),
  'Connections closed / s': rate('connections_closed'),
};

/** What it fills its variables from: the label is what the variable becomes. */
export const VARIABLES: readonly { readonly label: string; readonly series: string }[] = [
  { label: 'rabbitmq_cluster', series: 'rabbitmq_identity_info{namespace="$namespace"}' },
  {
    label: 'rabbitmq_endpoint',
    series:
      'rabbitmq_identity_info{namespace="$namespace", rabbitmq_cluster="$rabbitmq_cluster", rabbitmq_endpoint!="memory-breakdown"}',
  },
];

/** What is asked by the name that the broker had in the dashboard's revisions of RabbitMQ 3.8 and 3.9. */
const earlierIdentity = (labels: string): string =>
  `on(instance) group_left(${labels}) rabbitmq_identity_info{rabbitmq_cluster="$rabbitmq_cluster", namespace="$namespace"}`;
const EARLIER_STAT = earlierIdentity('rabbitmq_cluster');
const EARLIER_GRAPH = earlierIdentity('rabbitmq_cluster, rabbitmq_node');

const stat = (of: string): string => `sum(${of} * ${EARLIER_STAT})`;
const graph = (of: string): string => `sum(${of} * ${EARLIER_GRAPH}) by(rabbitmq_node)`;
const counted = (what: string): string => `rate(rabbitmq_${what}_total[60s])`;
const left = (limit: string, used: string): string =>
  `(rabbitmq_${limit} * ${EARLIER_GRAPH}) -\n(rabbitmq_${used} * ${EARLIER_GRAPH})`;

/** What it asked then, where it joined by the instance alone and read channels rather than all messages. */
export const EARLIER_DASHBOARD: Readonly<Record<string, string>> = {
  'Ready messages': stat('rabbitmq_queue_messages_ready'),
  'Incoming messages / s': stat(counted('channel_messages_published')),
  Publishers: `${stat('rabbitmq_channels')} - ${stat('rabbitmq_channel_consumers')}`,
  Connections: stat('rabbitmq_connections'),
  Queues: stat('rabbitmq_queues'),
  'Unacknowledged messages': stat('rabbitmq_queue_messages_unacked'),
  'Outgoing messages / s': [
    'channel_messages_redelivered',
    'channel_messages_delivered',
    'channel_messages_delivered_ack',
    'channel_get',
    'channel_get_ack',
  ]
    .map((what) => stat(counted(what)))
    .join(' +\n'),
  Consumers: stat('rabbitmq_channel_consumers'),
  Channels: stat('rabbitmq_channels'),
  Nodes: stat('rabbitmq_build_info'),
  'The table of nodes': `rabbitmq_build_info * ${EARLIER_GRAPH}`,
  'Memory available before publishers blocked': left(
    'resident_memory_limit_bytes',
    'process_resident_memory_bytes',
  ),
  'Disk space available before publishers blocked': `rabbitmq_disk_space_available_bytes * ${EARLIER_GRAPH}`,
  'File descriptors available': left('process_max_fds', 'process_open_fds'),
  'TCP sockets available': left('process_max_tcp_sockets', 'process_open_tcp_sockets'),
  'Messages ready to be delivered to consumers': graph('rabbitmq_queue_messages_ready'),
  'Messages pending consumer acknowledgement': graph('rabbitmq_queue_messages_unacked'),
  'Messages published / s': graph(counted('channel_messages_published')),
  'Messages confirmed to publishers / s': graph(counted('channel_messages_confirmed')),
  'Messages routed to queues / s': graph(counted('queue_messages_published')),
  'Messages unconfirmed to publishers / s': graph('rate(rabbitmq_channel_messages_unconfirmed[60s])'),
  'Unroutable messages dropped / s': graph(counted('channel_messages_unroutable_dropped')),
  'Unroutable messages returned to publishers / s': graph(counted('channel_messages_unroutable_returned')),
  'Messages delivered / s': `sum(\n  (${counted('channel_messages_delivered')} * ${EARLIER_GRAPH}) +\n  (${counted('channel_messages_delivered_ack')} * ${EARLIER_GRAPH})\n) by(rabbitmq_node)`,
  'Messages redelivered / s': graph(counted('channel_messages_redelivered')),
  'Messages delivered with manual ack / s': graph(counted('channel_messages_delivered_ack')),
  'Messages delivered auto ack / s': graph(counted('channel_messages_delivered')),
  'Messages acknowledged / s': graph(counted('channel_messages_acked')),
  'Polling operations with auto ack / s': graph(counted('channel_get')),
  'Polling operations that yield no result / s': graph(counted('channel_get_empty')),
  'Polling operations with manual ack / s': graph(counted('channel_get_ack')),
};
