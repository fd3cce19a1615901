// Where Warren's management API means to differ from RabbitMQ 3.10's, and why. Anything not written here, or in
// expectations.ts, is a defect.
import { expectedOf } from './expectations.js';
import type { Transcript } from './player.js';

interface Difference {
  readonly why: string;
  /** The requests it concerns, by how they are written down; all of them where it is left out. */
  readonly requests?: RegExp;
  /** What is replaced, on both sides; a line of which nothing is left is dropped. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

const differences: Difference[] = [
  {
    why: 'There is no Erlang below it: no reductions, no garbage collection of processes, no queue that is idle for its process.',
    pattern:
      /^(.*\.)?(reductions(_details\.rate)?|garbage_collection\.\w+|backing_queue_status\.[\w.]+|idle_since|pending_raft_commands) = .*$/g,
    replacement: '',
  },
  {
    why: 'What a node consists of is its own: applications, mechanisms, plugins, types of exchanges and their descriptions.',
    pattern:
      /^(.*\.)?(applications\[.*|auth_mechanisms\["RABBIT-CR-DEMO.*|auth_mechanisms\[.*\.description = .*|exchange_types\[.*\.description = .*|(config_files|log_files|enabled_plugins|contexts\[\d+\]\.\w+) = .*)$/g,
    replacement: '',
  },
  {
    why: 'It measures no Erlang scheduler, no Mnesia, no message store and no queue index.',
    requests: /GET \/api\/nodes/,
    pattern:
      /^(.*\.)?(gc_\w+|io_\w+|mnesia_\w+|msg_store_\w+|queue_index_\w+|context_switches\w*|metrics_gc_queue_length\.\w+|ra_open_file_metrics\.\w+)(\.rate)? = .*$/g,
    replacement: '',
  },
  {
    why: 'The divisions of a node’s memory that 4 has are others than 3.10’s.',
    requests: /GET \/api\/nodes\/<node>(\/memory|\?memory)/,
    pattern: /^memory\.(metadata_store\w*|queue_slave_procs|quorum_queue_dlx_procs|total) = .*$/g,
    replacement: '',
  },
  {
    why: 'Options of sockets are an Erlang server’s, and nobody listens for other nodes.',
    pattern: /^listeners\[("clustering".*|.*\.(socket_opts.*|ip_address = .*))$/g,
    replacement: '',
  },
  {
    why: 'RabbitMQ’s listeners include the one for other nodes.',
    requests: /port-listener|protocol-listener/,
    pattern: /^(ports|protocols) = .*$/g,
    replacement: '',
  },
  {
    why: 'It has a name and versions of its own, and its cluster another name.',
    pattern: /^(product_name|name) = "(RabbitMQ|Warren|warren\w*@[\w.-]+)"$/g,
    replacement: '',
  },
  {
    why: 'RabbitMQ 4 tells more than 3.10: tags of the cluster and of the node, what may be changed, what is drained, what is protected.',
    pattern:
      /^(.*\.)?(cluster_tags|node_tags|is_op_policy_updating_enabled|being_drained|protected_from_deletion|storage_version|default_queue_type) = .*$/g,
    replacement: '',
  },
  {
    why: 'A virtual host’s traffic is told as soon as there is the virtual host, and not with its first connection.',
    requests: /GET \/api\/vhosts/,
    pattern: /^(.*\.)?(recv_oct|send_oct)(_details\.rate)? = .*$/g,
    replacement: '',
  },
  {
    why: 'Passwords are hashed by scrypt unless told otherwise.',
    pattern: /rabbit_password_hashing_(sha256|scrypt)/g,
    replacement: 'the default',
  },
  {
    why: 'RabbitMQ 4 says Not_Authorized where 3.10 says Login failed.',
    pattern: /^reason = "(Login failed|Not_Authorized)"$/g,
    replacement: 'reason = not authorized',
  },
  {
    why: 'RabbitMQ 4 names the permission that was missing.',
    pattern: /\b(configure|write|read) access to/g,
    replacement: 'access to',
  },
  {
    why: 'Another engine of regular expressions complains in other words.',
    pattern: /^reason = \["invalid_regexp",.*$/g,
    replacement: 'reason = an invalid regular expression',
  },
  {
    why: 'JSON is not HTML: 3.10 escapes some of its reasons as if it were.',
    pattern: /&(lt|gt);/g,
    replacement: '"',
  },
  {
    why: 'The same, as it is where nothing is escaped.',
    pattern: /<<|>>/g,
    replacement: '""',
  },
  {
    why: 'An item of which no column is left is an empty object; 3.10 makes it an empty list.',
    requests: /columns=/,
    pattern: /^(body = \[(\[\],?)+\]|\[\d+\] = \{\})$/g,
    replacement: '',
  },
  {
    why: 'Terms of Erlang that are broken into lines are one line.',
    pattern: /\\n +/g,
    replacement: '',
  },
  {
    why: 'Peer certificates and ciphers of a connection without TLS are null in 4, and nothing at all in the details of 3.10.',
    requests: /GET \/api\/connections/,
    pattern: /^(.*\.)?(peer_cert_\w+|ssl_(cipher|hash|key_exchange|protocol)) = (null|"")$/g,
    replacement: '',
  },
  {
    why: 'Definitions say what they are of, as RabbitMQ 4’s do, with types of queues and descriptions of virtual hosts.',
    requests: /GET \/api\/(definitions|all-configuration)/,
    pattern:
      /^(explanation|original_\w+|rabbitmq_definition_format|product_\w+|rabbitmq_version|description|limits.*|metadata.*|queues\[.*\.type|vhosts\[.*\.(description|tags|metadata.*)) = .*$/g,
    replacement: '',
  },
  {
    why: 'The cluster’s identity is not exported, so that two brokers do not get the same.',
    pattern: /^global_parameters\["internal_cluster_id"\].*$/g,
    replacement: '',
  },
  {
    why: 'Attempts are told apart by their sources always, and not only where that is switched on.',
    requests: /GET \/api\/auth\/attempts\/<node>\/source/,
    pattern: /^(body = \[\]|\["http"\]\..*)$/g,
    replacement: '',
  },
  {
    why: 'It has features of its own.',
    requests: /GET \/api\/feature-flags/,
    pattern: /^\[.*$/g,
    replacement: '',
  },
  {
    why: 'Definitions of one virtual host do not say which, as in RabbitMQ 4, so that they can be given to another.',
    requests: /GET \/api\/definitions\/proof/,
    pattern: /^(parameters|policies)\[.*\.vhost = .*$/g,
    replacement: '',
  },
  {
    why: 'The same, in how their items are named here.',
    requests: /GET \/api\/definitions\/proof/,
    pattern: /^((parameters|policies)\["\w+") "proof"/g,
    replacement: '$1',
  },
  {
    why: 'Mirrors are gone in RabbitMQ 4, and a quorum queue’s files and odd names of fields are 3.10’s.',
    requests: /GET \/api\/queues/,
    pattern:
      /^(.*\.)?(recoverable_slaves|slave_nodes|synchronised_slave_nodes|open_files\.<node>|(single_active|exclusive)_consumer_c?tag) = .*$/g,
    replacement: '',
  },
  {
    why: 'RabbitMQ’s console loads scripts by them; there is none here.',
    requests: /GET \/api\/extensions/,
    pattern: /^(body = \[\]|\[0\]\.javascript = "dispatcher.js")$/g,
    replacement: '',
  },
  {
    why: 'Who made an exchange is in the audit log, and not kept with it.',
    requests: /GET \/api\/exchanges/,
    pattern: /^(.*\.)?user_who_performed_action = .*$/g,
    replacement: '',
  },
  {
    why: 'How much of a queue is in memory is not told apart from the rest, and when its first message was published not at all.',
    requests: /GET \/api\/queues/,
    pattern:
      /^(.*\.)?(memory|head_message_timestamp|messages(_ready|_unacknowledged)?_ram|message_bytes_ram|(messages|message_bytes)_paged_out) = .*$/g,
    replacement: '',
  },
  {
    why: 'A node’s memory, disk and files are told as they are, without how fast they change.',
    requests: /GET \/api\/nodes/,
    pattern: /^(.*\.)?(mem_used|disk_free|fd_used|proc_used|sockets_used)_details\.rate = .*$/g,
    replacement: '',
  },
  {
    why: 'A queue of quorum tells what it is about at once, and 3.10 a part of it after a while.',
    requests: /GET \/api\/queues\/proof\/quorum$/,
    pattern: /^(?!status|content-type|name|vhost|type|durable|messages|arguments).*$/g,
    replacement: '',
  },
  {
    why: '3.10 says either, as it happens.',
    requests: /what the client is told$/,
    pattern: /vhost 'v' is (down|deleted)/g,
    replacement: "vhost 'v' is gone",
  },
  {
    why: 'Of names that are too long RabbitMQ says how long they were.',
    pattern: /^reason = "(queue should be less than 255 bytes.*|a name has at most 255 bytes)"$/g,
    replacement: 'reason = a name that is too long',
  },
  {
    why: 'RabbitMQ adds to what is wrong which policy or parameter of the file it was.',
    requests: /POST \/api\/definitions/,
    pattern: /(\\n)?( ?\(proof\/[\w/]+\))?"$/g,
    replacement: '"',
  },
  {
    why: 'Nothing of the overview is an empty object; 3.10 makes it an empty list.',
    requests: /GET \/api\/overview\?columns=node as/,
    pattern: /^body = (\[\]|\{\})$/g,
    replacement: '',
  },
  {
    why: 'How long samples are kept is not to be set.',
    pattern: /^sample_retention_policies\..*$/g,
    replacement: '',
  },
];

function withoutDifferences(request: string, lines: readonly string[]): string[] {
  const concerned = differences.filter(({ requests }) => !requests || requests.test(request));
  return lines
    .map((line) =>
      concerned.reduce((text, { pattern, replacement }) => text.replaceAll(pattern, replacement), line),
    )
    .filter((line) => line !== '');
}

/** What must be answered to `request`, where RabbitMQ 3.10 answers `wanted` and ours `answered`. */
function wantedOf(
  request: string,
  wanted: readonly string[],
  answered: readonly string[],
): readonly string[] {
  const meant = expectedOf(request);
  if (meant) return meant;
  // RabbitMQ fails at a value of a type that it does not think of; ours says what is wrong.
  const failed = wanted[0] === 'status 500';
  return failed && /^status 4\d\d$/.test(answered[0] ?? '') && answered.length > 2 ? answered : wanted;
}

/** Both transcripts, without what is meant to differ. */
export function comparable(
  wanted: Transcript,
  answered: Transcript,
): { wanted: Transcript; answered: Transcript } {
  const left: Transcript = {};
  const right: Transcript = {};
  for (const request of new Set([...Object.keys(wanted), ...Object.keys(answered)])) {
    const theirs = wanted[request];
    const ours = answered[request];
    if (theirs) left[request] = withoutDifferences(request, wantedOf(request, theirs, ours ?? []));
    if (ours) right[request] = withoutDifferences(request, ours);
  }
  return { wanted: left, answered: right };
}
