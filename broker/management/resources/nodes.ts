/** The node: there is one. */
import { availableParallelism } from 'node:os';
import { monitor } from '../authorization.js';
import { absent } from '../http-error.js';
import type { ManagedBroker } from '../managed-broker.js';
import { openFiles } from '../node-facts.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, type Resource } from '../resource.js';
import { EXCHANGE_TYPES_SHOWN, MECHANISMS_SHOWN, PRODUCT, VERSION } from '../shown/product.js';
import { type Counts, churnCounts, withRates } from '../shown/statistics.js';
import { LISTING } from './queries.js';

async function show(request: ManagementRequest): Promise<object> {
  const { broker } = request;
  const { resources, host } = broker;
  const files = await openFiles();
  const { rss } = process.memoryUsage();
  return {
    name: broker.nodeName,
    type: 'disc',
    running: true,
    being_drained: host.draining,
    os_pid: String(process.pid),
    uptime: Date.now() - broker.startedAt,
    processors: availableParallelism(),
    run_queue: 0,
    rates_mode: 'detailed',
    ...withRates(used(broker, rss, files.open)),
    ...withRates(churnCounts(host), request.showing(false).rates(host.virtualHosts)),
    ...(request.asks('memory') ? { memory: memory() } : {}),
    mem_limit: resources.memoryBytesMax,
    mem_alarm: host.alarms.has('memory'),
    mem_calculation_strategy: 'rss',
    disk_free_limit: resources.diskFreeBytesMin,
    disk_free_alarm: host.alarms.has('disk'),
    fd_total: files.most,
    sockets_total: broker.sockets().most,
    proc_total: 1,
    partitions: [],
    exchange_types: EXCHANGE_TYPES_SHOWN,
    auth_mechanisms: MECHANISMS_SHOWN,
    applications: [{ name: 'warren', description: PRODUCT, version: VERSION }],
    contexts: contexts(broker),
    log_files: [],
    db_dir: resources.dataDirectory ?? '',
    config_files: [],
    net_ticktime: 60,
    enabled_plugins: ['rabbitmq_management'],
    cluster_links: [],
  };
}

/** What is used now, under RabbitMQ's names; of these no samples are taken. */
function used({ resources, sockets }: ManagedBroker, memory: number, files: number): Counts {
  return {
    mem_used: memory,
    fd_used: files,
    sockets_used: sockets().used,
    proc_used: 1,
    disk_free: resources.diskFreeBytes ?? 0,
  };
}

/** Where HTTP is listened for. */
export function contexts({ listeners, nodeName }: ManagedBroker): object[] {
  return listeners
    .filter(({ protocol }) => protocol.startsWith('http'))
    .map(({ address, port }) => ({
      node: nodeName,
      description: 'RabbitMQ Management',
      path: '/',
      ip: address,
      port: String(port),
    }));
}

/** What RabbitMQ tells apart and Node.js does not: its clients insist on each. */
const NOT_TOLD_APART = [
  'connection_readers',
  'connection_writers',
  'connection_channels',
  'connection_other',
  'queue_procs',
  'quorum_queue_procs',
  'stream_queue_procs',
  'stream_queue_replica_reader_procs',
  'stream_queue_coordinator_procs',
  'plugins',
  'metadata_store',
  'metrics',
  'mgmt_db',
  'mnesia',
  'quorum_ets',
  'metadata_store_ets',
  'other_ets',
  'msg_index',
  'code',
  'atom',
] as const;

/** Told apart as far as Node.js does: under the names that RabbitMQ has for the like. */
function memory(): object {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return {
    ...Object.fromEntries(NOT_TOLD_APART.map((part) => [part, 0])),
    binary: arrayBuffers,
    other_proc: heapUsed,
    other_system: external - arrayBuffers,
    allocated_unused: heapTotal - heapUsed,
    reserved_unallocated: Math.max(0, rss - heapTotal - external),
    strategy: 'rss',
    total: { erlang: heapUsed + external, rss, allocated: heapTotal + external },
  };
}

/** @throws HttpError 404 for any node but this one */
export function requireNode(request: ManagementRequest): ManagedBroker {
  if (request.parameter('node') !== request.broker.nodeName) throw absent();
  return request.broker;
}

function relative(total: Record<string, unknown>): object {
  const { rss } = total['total'] as { rss: number };
  const parts = Object.entries(total).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(parts.map(([name, bytes]) => [name, Math.ceil(((bytes as number) * 100) / rss)]));
}

async function list(request: ManagementRequest): Promise<Answer> {
  return request.pick([await show(request)]);
}

export const nodeResources: readonly Resource[] = [
  {
    path: '/nodes',
    access: monitor,
    operations: { GET: { summary: 'The nodes, of which there is one', query: LISTING, run: list } },
  },
  {
    path: '/nodes/:node',
    access: monitor,
    operations: {
      GET: {
        summary: 'The node',
        query: LISTING,
        run: async (request) => {
          requireNode(request);
          return request.pick(await show(request));
        },
      },
    },
  },
  {
    path: '/nodes/:node/memory',
    access: monitor,
    operations: {
      GET: {
        summary: 'What the memory is used for',
        run: (request) => {
          requireNode(request);
          return json({ memory: memory() });
        },
      },
    },
  },
  {
    path: '/nodes/:node/memory/relative',
    access: monitor,
    operations: {
      GET: {
        summary: 'The same in hundredths',
        run: (request) => {
          requireNode(request);
          return json({ memory: relative(memory() as Record<string, unknown>) });
        },
      },
    },
  },
];
