// What of RabbitMQ's metrics Warren has not, or has with other labels, and why. What is written here is looked
// for both ways: each entry is of a metric that RabbitMQ has, and that Warren has not so.

/** `*` stands for any text. The prefix `rabbitmq_detailed_` is meant along with `rabbitmq_`. */
export const ABSENT: Readonly<Record<string, string>> = {
  'erlang_*': "Erlang's runtime; Node.js's is under nodejs_*",
  'rabbitmq_erlang_gc_*': "Erlang's garbage collector; Node.js's is nodejs_gc_duration_seconds",
  rabbitmq_erlang_net_ticktime_seconds: 'there is one node',
  'rabbitmq_erlang_processes_*': 'there are no Erlang processes',
  'rabbitmq_erlang_scheduler_*': "Erlang's scheduler; how late Node.js's is, is nodejs_eventloop_lag_seconds",
  'rabbitmq_*_process_reductions_total': 'there are no Erlang processes',
  rabbitmq_queue_process_memory_bytes: 'there are no Erlang processes',
  'rabbitmq_raft_*': 'there is one node, and no Raft',
  rabbitmq_unreachable_cluster_peers_count: 'there is one node',
  'rabbitmq_io_*': 'the disk is behind SQLite, which does not tell; most are gone in RabbitMQ 4 too',
  'rabbitmq_schema_db_*': 'there is no Mnesia',
  'rabbitmq_msg_store_*': 'the disk is behind SQLite, which does not tell',
  'rabbitmq_queue_index_*': 'there is no queue index',
  'rabbitmq_queue_disk_*': 'the disk is behind SQLite, which writes what many queues have in one transaction',
  'rabbitmq_process_*_tcp_sockets': 'not in RabbitMQ 4 either; sockets are file descriptors',
  'rabbitmq_auth_attempts_detailed_*':
    'who logs in from where is told to who has logged in: /api/auth/attempts; RabbitMQ tells it only when asked to',
  rabbitmq_alarms_file_descriptor_limit: 'there is no such alarm',
  rabbitmq_queue_consumer_capacity: 'how long consumers had room is not measured',
  rabbitmq_queue_consumer_utilisation: 'how long consumers had room is not measured',
  rabbitmq_queue_messages_ram_bytes: 'of the messages that are in memory the number is known',
  rabbitmq_queue_messages_paged_out_bytes: 'of the messages that are on disk alone the number is known',
  'rabbitmq_stream_*': 'there are no streams',
  rabbitmq_exchange_messages_confirmed_total: 'counted by channel and for all, not by exchange',
  'rabbitmq_exchange_messages_unroutable_*': 'counted by channel and for all, not by exchange',
  rabbitmq_memory_atom_table_bytes: "Erlang's",
  'rabbitmq_memory_*_erlang_process_bytes': 'there are no Erlang processes',
  'rabbitmq_memory_*ets_table_bytes': 'there are no ETS tables',
  'rabbitmq_memory_*_metadata_store_bytes': "what is defined is on V8's heap with all else",
  'rabbitmq_memory_client_connection_*': "what connections take is on V8's heap with all else",
  rabbitmq_memory_management_stats_db_bytes: "statistics are on V8's heap with all else",
  rabbitmq_memory_message_index_bytes: "what is known of messages is on V8's heap with all else",
  rabbitmq_memory_metrics_bytes: "counters are on V8's heap with all else",
  rabbitmq_memory_plugin_bytes: 'there are no plugins',
  rabbitmq_memory_runtime_reserved_unallocated_bytes: 'the operating system does not tell it apart',
};

/** There with other labels than RabbitMQ's. */
export const DIFFERENT: Readonly<Record<string, { readonly labels: string; readonly reason: string }>> = {
  rabbitmq_queue_messages_published_total: {
    labels: 'exchange,exchange_vhost,queue,queue_vhost',
    reason: 'counted by queue and exchange, not for each channel besides',
  },
};

/** Whether a name is one that a pattern of these lists means. */
export function means(pattern: string, name: string): boolean {
  const plain = name.replace(/^rabbitmq_detailed_/, 'rabbitmq_');
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(plain);
}
