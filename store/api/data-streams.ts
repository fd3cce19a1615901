/** `_data_stream`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DataStream } from '../catalog/catalog.js';
import { createDataStream } from '../catalog/creation.js';
import { indexNotFound } from '../errors.js';
import { type JsonObject, matchesPattern } from '../json.js';
import type { ApiContext } from './context.js';
import { removeIndices } from './indices.js';
import { checkQuery } from './reply.js';

/** Adds the endpoints. */
export function dataStreamRoutes(server: FastifyInstance, context: ApiContext): void {
  server.get('/_data_stream', (request, reply) => get(request, reply, context));
  server.get('/_data_stream/:name', (request, reply) => get(request, reply, context));
  server.put('/_data_stream/:name', (request, reply) => put(request, reply, context));
  server.delete('/_data_stream/:name', (request, reply) => remove(request, reply, context));
}

function named(context: ApiContext, expression: string): DataStream[] {
  const found: DataStream[] = [];
  for (const pattern of expression.split(',')) {
    const matches = [...context.catalog.dataStreams.values()].filter((stream) =>
      matchesPattern(pattern, stream.name),
    );
    if (matches.length === 0 && !pattern.includes('*')) throw indexNotFound(pattern);
    found.push(...matches.filter((stream) => !found.includes(stream)));
  }
  return found;
}

function get(request: FastifyRequest, reply: FastifyReply, context: ApiContext): FastifyReply {
  checkQuery(request, []);
  const { name } = request.params as { name?: string };
  return reply.send(
    JSON.stringify({ data_streams: named(context, name ?? '*').map((stream) => json(stream, context)) }),
  );
}

function json(stream: DataStream, context: ApiContext): JsonObject {
  return {
    name: stream.name,
    timestamp_field: { name: '@timestamp' },
    indices: stream.indices.map((name) => ({
      index_name: name,
      index_uuid: context.catalog.indices.get(name)?.uuid ?? '_na_',
      prefer_ilm: true,
      managed_by: 'Unmanaged',
    })),
    generation: stream.indices.length,
    status: 'GREEN',
    template: stream.template,
    next_generation_managed_by: 'Unmanaged',
    prefer_ilm: true,
    hidden: false,
    system: false,
    allow_custom_routing: false,
    replicated: false,
    rollover_on_write: false,
  };
}

async function put(request: FastifyRequest, reply: FastifyReply, context: ApiContext): Promise<FastifyReply> {
  checkQuery(request, []);
  const { name } = request.params as { name: string };
  await context.writer.exclusively(async () => {
    createDataStream(context.catalog, name);
    await context.catalog.save();
  });
  return reply.send('{"acknowledged":true}');
}

async function remove(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, []);
  const { name } = request.params as { name: string };
  for (const stream of named(context, name)) {
    context.catalog.dataStreams.delete(stream.name);
    await removeIndices(
      stream.indices.flatMap((each) => context.catalog.indices.get(each) ?? []),
      context,
    );
  }
  context.catalog.changed();
  await context.catalog.save();
  return reply.send('{"acknowledged":true}');
}
