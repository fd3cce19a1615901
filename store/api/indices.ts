/** Indices: create, look at, delete, mapping, settings, refresh. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Index } from '../catalog/catalog.js';
import { createIndex } from '../catalog/creation.js';
import { flatSettings, mappingLimits, nestedSettings } from '../catalog/settings.js';
import { ApiError, illegalArgument, indexNotFound } from '../errors.js';
import { isObject, type JsonObject } from '../json.js';
import { copyOf, mergeMapping, readMapping } from '../mapping/definition.js';
import { type ApiContext, indicesOf } from './context.js';
import { bodyObject, checkQuery } from './reply.js';

/** Settings that may change while an index is open. */
const DYNAMIC_SETTINGS =
  /^index\.(?:mapping\.total_fields\.|mapping\.depth\.|max_result_window$|refresh_interval$|number_of_replicas$|query\.default_field$|lifecycle\.|blocks\.|priority$|auto_expand_replicas$)/;

/** Adds the endpoints. */
export function indexRoutes(server: FastifyInstance, context: ApiContext): void {
  server.put('/:index', (request, reply) => create(request, reply, context));
  server.get('/:index', (request, reply) => get(request, reply, context));
  server.delete('/:index', (request, reply) => remove(request, reply, context));
  for (const prefix of ['', '/:index']) {
    for (const name of ['_mapping', '_mappings']) {
      server.get(`${prefix}/${name}`, (request, reply) => {
        checkQuery(request, []);
        return reply.send(
          JSON.stringify(
            byName(indicesOf(context, request), (index) => ({ mappings: index.mapping.toJson() })),
          ),
        );
      });
    }
    server.get(`${prefix}/_settings`, (request, reply) => {
      checkQuery(request, []);
      return reply.send(
        JSON.stringify(byName(indicesOf(context, request), (index) => ({ settings: settingsJson(index) }))),
      );
    });
    server.route({
      method: ['POST', 'GET'],
      url: `${prefix}/_refresh`,
      handler: async (request, reply) => {
        const indices = indicesOf(context, request);
        await context.writer.refresh();
        return reply.send(
          JSON.stringify({ _shards: { total: indices.length, successful: indices.length, failed: 0 } }),
        );
      },
    });
    server.route({
      method: ['POST', 'GET'],
      url: `${prefix}/_flush`,
      handler: async (request, reply) => {
        const indices = indicesOf(context, request);
        await context.writer.refresh();
        return reply.send(
          JSON.stringify({ _shards: { total: indices.length, successful: indices.length, failed: 0 } }),
        );
      },
    });
  }
  server.route({
    method: ['PUT', 'POST'],
    url: '/:index/_mapping',
    handler: (request, reply) => putMapping(request, reply, context),
  });
  server.put('/:index/_settings', (request, reply) => putSettings(request, reply, context));
}

function byName(indices: readonly Index[], json: (index: Index) => JsonObject): JsonObject {
  return Object.fromEntries(indices.map((index) => [index.name, json(index)]));
}

function settingsJson(index: Index): JsonObject {
  return nestedSettings({
    'index.number_of_shards': '1',
    'index.number_of_replicas': '0',
    ...index.settings,
    'index.creation_date': String(index.createdMs),
    'index.provided_name': index.name,
    'index.uuid': index.uuid,
    'index.version.created': '8536000',
  });
}

async function create(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, []);
  const { index: name } = request.params as { index: string };
  const body = bodyObject(request);
  await context.writer.exclusively(async () => {
    asMappingError(() => createIndex(context.catalog, name, body));
    await context.catalog.save();
  });
  return reply.send(JSON.stringify({ acknowledged: true, shards_acknowledged: true, index: name }));
}

function get(request: FastifyRequest, reply: FastifyReply, context: ApiContext): FastifyReply {
  checkQuery(request, ['features']);
  const json = byName(indicesOf(context, request), (index) => ({
    aliases: {},
    mappings: index.mapping.toJson(),
    settings: settingsJson(index),
    ...(index.dataStream === undefined ? {} : { data_stream: index.dataStream }),
  }));
  return reply.send(JSON.stringify(json));
}

async function remove(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, []);
  const { index: expression } = request.params as { index: string };
  if (expression.includes('*') || expression === '_all')
    throw illegalArgument('Wildcard expressions or all indices are not allowed');
  for (const name of expression.split(',')) {
    if (context.catalog.dataStreams.has(name)) {
      throw illegalArgument(
        `The provided expression [${name}] matches a data stream, specify the corresponding concrete indices instead.`,
      );
    }
  }
  const indices = indicesOf(context, request);
  for (const index of indices) {
    const stream =
      index.dataStream === undefined ? undefined : context.catalog.dataStreams.get(index.dataStream);
    if (stream?.indices.at(-1) === index.name) {
      throw illegalArgument(
        `index [${index.name}] is the write index for data stream [${stream.name}] and cannot be deleted`,
      );
    }
  }
  await removeIndices(indices, context);
  return reply.send('{"acknowledged":true}');
}

/** Deletes indices with their documents. */
export async function removeIndices(indices: readonly Index[], context: ApiContext): Promise<void> {
  const { catalog, database, writer } = context;
  await writer.exclusively(async () => {
    for (const index of indices) {
      await writer.forget(index);
      catalog.indices.delete(index.name);
      catalog.changed();
    }
    await catalog.save();
    for (const index of indices) {
      for (const name of index.days) await dropTable(index, name, database);
    }
  });
}

async function dropTable(index: Index, name: string, database: ApiContext['database']): Promise<void> {
  const day = await database.day(name);
  let left: number;
  try {
    left = await day.drop(database.writer, index.number);
  } finally {
    day.release();
  }
  if (left === 0) await database.removeDay(name);
}

/** Runs a step; a mapping that cannot be read is refused as Elasticsearch does. */
function asMappingError(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof ApiError) || error.type !== 'mapper_parsing_exception') throw error;
    const cause = { type: error.type, reason: error.message };
    const wrapped = new ApiError(400, error.type, `Failed to parse mapping: ${error.message}`, cause);
    wrapped.rootCause = cause;
    throw wrapped;
  }
}

async function putMapping(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, ['write_index_only']);
  const body = bodyObject(request);
  const indices = indicesOf(context, request);
  if (indices.length === 0) throw indexNotFound((request.params as { index: string }).index);
  await context.writer.exclusively(async () => {
    const changed = indices.map((index) => {
      const copy = copyOf(index.mapping);
      asMappingError(() => mergeMapping(copy, body));
      return { index, copy };
    });
    await context.writer.refresh();
    for (const { index, copy } of changed) index.mapping = copy;
    context.catalog.changed();
    await context.catalog.save();
  });
  return reply.send('{"acknowledged":true}');
}

async function putSettings(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, ['preserve_existing', 'reopen']);
  const body = bodyObject(request);
  const flat = flatSettings(isObject(body['settings']) ? body['settings'] : body);
  const fixed = Object.keys(flat).find((name) => !DYNAMIC_SETTINGS.test(name));
  const indices = indicesOf(context, request);
  if (fixed !== undefined) {
    throw new ApiError(
      400,
      'illegal_argument_exception',
      `Can't update non dynamic settings [[${fixed}]] for open indices [[${indices.map((index) => index.name).join(', ')}]]`,
    );
  }
  await context.writer.exclusively(async () => {
    await context.writer.refresh();
    for (const index of indices) {
      const settings = Object.fromEntries(
        Object.entries({ ...index.settings, ...flat }).filter(([, value]) => value !== null),
      );
      index.mapping = readMapping(index.mapping.toJson(), mappingLimits(settings), index.mapping.toStored());
      index.settings = settings;
    }
    context.catalog.changed();
    await context.catalog.save();
  });
  return reply.send('{"acknowledged":true}');
}
