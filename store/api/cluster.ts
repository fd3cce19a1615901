/** What clients ask of the cluster: who it is, how it is, which indices it has. */
import type { FastifyInstance } from 'fastify';
import { illegalArgument } from '../errors.js';
import { type JsonObject, matchesPattern } from '../json.js';
import { type ApiContext, indicesOf, VERSION } from './context.js';
import { checkQuery, query } from './reply.js';

/** Adds the endpoints. */
export function clusterRoutes(server: FastifyInstance, context: ApiContext): void {
  server.get('/', (_request, reply) => reply.send(JSON.stringify(identity(context))));
  for (const url of ['/_cluster/health', '/_cluster/health/:index']) {
    server.get(url, (request, reply) => {
      checkQuery(request, [
        'wait_for_status',
        'level',
        'wait_for_no_relocating_shards',
        'wait_for_no_initializing_shards',
        'wait_for_events',
        'wait_for_nodes',
      ]);
      return reply.send(JSON.stringify(health(indicesOf(context, request).length)));
    });
  }
  for (const url of ['/_cat/indices', '/_cat/indices/:index']) {
    server.get(url, async (request, reply) => {
      checkQuery(request, ['bytes', 'health', 'pri', 'time']);
      if (query(request)['format'] !== 'json')
        throw illegalArgument('[_cat/indices] answers with [format=json] alone');
      const rows: JsonObject[] = [];
      for (const index of indicesOf(context, request)) {
        const count = await context.searcher.count([index], { kind: 'all' });
        rows.push({
          health: 'green',
          status: 'open',
          index: index.name,
          uuid: index.uuid,
          pri: '1',
          rep: '0',
          'docs.count': String(count),
          'docs.deleted': '0',
          'store.size': null,
          'pri.store.size': null,
        });
      }
      return reply.send(JSON.stringify(rows));
    });
  }
  server.get('/_resolve/index/:name', (request, reply) => {
    checkQuery(request, ['mode']);
    const { name } = request.params as { name: string };
    return reply.send(JSON.stringify(resolved(context, name)));
  });
}

function identity({ catalog }: ApiContext): JsonObject {
  return {
    name: 'warren',
    cluster_name: 'warren',
    cluster_uuid: catalog.clusterUuid,
    version: {
      number: VERSION,
      build_flavor: 'default',
      build_type: 'tar',
      build_hash: 'warren',
      build_date: '2025-07-24T00:00:00.000000000Z',
      build_snapshot: false,
      lucene_version: '9.12.2',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
  };
}

function health(indices: number): JsonObject {
  return {
    cluster_name: 'warren',
    status: 'green',
    timed_out: false,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: indices,
    active_shards: indices,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
    unassigned_primary_shards: 0,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: 100,
  };
}

function resolved({ catalog }: ApiContext, expression: string): JsonObject {
  const patterns = expression.split(',');
  const fits = (name: string): boolean =>
    patterns.some(
      (pattern) => matchesPattern(pattern, name) && (!name.startsWith('.') || pattern.startsWith('.')),
    );
  const indices = [...catalog.indices.values()].filter((index) => fits(index.name));
  return {
    indices: indices.map((index) => ({
      name: index.name,
      attributes: ['open'],
      ...(index.dataStream === undefined ? {} : { data_stream: index.dataStream }),
    })),
    aliases: [],
    data_streams: [...catalog.dataStreams.values()]
      .filter((stream) => fits(stream.name))
      .map((stream) => ({
        name: stream.name,
        backing_indices: stream.indices,
        timestamp_field: '@timestamp',
      })),
  };
}
