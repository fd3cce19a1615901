// An answer as lines that can be compared: one for the status, one for each header that matters, one for each value
// of the JSON under its path, with what a server makes up or measures replaced by a mark.
import type { Answer } from './http-exchange.js';

const headers = ['content-type', 'location', 'www-authenticate', 'allow'];

/** Fields whose values are measured, by the end of their path: only that they are numbers is compared. */
const measured = new RegExp(
  `(^|\\.)(${[
    '\\w+_details\\.(rate|avg|avg_rate)',
    'samples\\[\\]\\.\\w+',
    'timestamp|connected_at|uptime|reductions|memory|os_pid|run_queue|processors|port|peer_port|socket_opts\\.port',
    '(recv|send)_(oct|cnt|pend)',
    '(fd|sockets|mem|disk|proc|io|gc|msg_store|queue_index|mnesia|ra|metrics_gc)_\\w+',
    'context_switches|node_stats\\.\\w+|statistics_db_event_queue|last_timestamp|first_seen|last_seen',
    'garbage_collection\\.\\w+|backing_queue_status\\.\\w+|total_count_of_\\w+|message_bytes_\\w+',
    '(avg|max|min)_\\w+_rate|consumer_utilisation|consumer_capacity',
    'memory\\.(total\\.)?\\w+|churn_rates\\.\\w+|(channel|connection|queue)_(created|closed|declared|deleted)',
  ].join('|')})$`,
);

/** Fields whose values a server makes up: only what type they have is compared. */
const madeUp =
  /(^|\.)(password_hash|cluster_name|idle_since|head_message_timestamp|(rabbit|rabbitmq|management|product|erlang|erlang_full)_version|os_pid|db_dir)$|^name of the cluster$/;

/** By which fields the items of a list are told apart. */
const identity = [
  'vhost',
  'user',
  'component',
  'source',
  'destination',
  'destination_type',
  'properties_key',
];

function nameOf(item: Record<string, unknown>, index: number): string {
  const fields = ['name', ...identity, 'consumer_tag', 'protocol', 'exchange']
    .map((field) => item[field])
    .filter((value) => typeof value === 'string');
  return fields.length > 0 ? fields.map((value) => JSON.stringify(value)).join(' ') : String(index);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function leaf(path: string, value: unknown): string {
  if (typeof value === 'number' && measured.test(path)) return '<number>';
  if (typeof value === 'string' && madeUp.test(path)) return '<string>';
  return JSON.stringify(value);
}

function* listLines(path: string, list: readonly unknown[], inOrder: boolean): Generator<string> {
  if (!list.every(isRecord) || list.length === 0) {
    yield `${path || 'body'} = ${JSON.stringify(list)}`;
    return;
  }
  const names = list.map(nameOf);
  if (inOrder) yield `${path || 'body'} in order: ${names.join(', ')}`;
  for (const [index, item] of list.entries()) yield* lines(`${path}[${names[index]}]`, item, inOrder);
}

function* lines(path: string, value: unknown, inOrder: boolean): Generator<string> {
  if (Array.isArray(value)) {
    yield* listLines(path, value, inOrder);
  } else if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [name, field] of Object.entries(value)) {
      yield* lines(path === '' ? name : `${path}.${name}`, field, inOrder);
    }
  } else {
    yield `${path || 'body'} = ${leaf(path.replaceAll(/\[[^\]]*\]/g, '[]'), value)}`;
  }
}

/**
 * The lines of an answer.
 *
 * @param inOrder whether the order of a list's items says something
 */
export function answerLines({ status, headers: sent, text, json }: Answer, inOrder: boolean): string[] {
  const told = [`status ${status}`];
  for (const name of headers) if (sent[name] !== undefined) told.push(`${name}: ${String(sent[name])}`);
  if (json === undefined) return text === '' ? told : [...told, `body ${JSON.stringify(text)}`];
  return [...told, ...[...lines('', json, inOrder)].sort()];
}

/** A text with the names that a server makes up replaced by marks. */
export function marked(text: string, server: { node: string; port: number; managementPort: number }): string {
  return text
    .replaceAll(server.node, '<node>')
    .replaceAll(encodeURIComponent(server.node), '<node>')
    .replaceAll(/127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+/g, '<connection>')
    .replaceAll(/127\.0\.0\.1%3A\d+%20-%3E%20127\.0\.0\.1%3A\d+/g, '<connection>')
    .replaceAll(new RegExp(`\\b${server.port}\\b`, 'g'), '<port>')
    .replaceAll(new RegExp(`\\b${server.managementPort}\\b`, 'g'), '<management port>')
    .replaceAll(/amq\.(gen|ctag)-[\w-]+/g, 'amq.$1-<made up>')
    .replaceAll(/<[\w@.-]*\d+\.\d+\.\d+>/g, '<pid>');
}
