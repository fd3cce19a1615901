/** `_doc`, `_create`, `_update`, `_source` and `_mget`: one document at a time. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Index } from '../catalog/catalog.js';
import { ApiError, illegalArgument, indexNotFound } from '../errors.js';
import { asArray, isObject } from '../json.js';
import { filteredSource } from '../search/document-fields.js';
import { parseSource, type SourceRequest } from '../search/request.js';
import type { Operation } from '../segment/operation.js';
import { itemText, statusOf } from './bulk.js';
import type { ApiContext } from './context.js';
import { bodyObject, checkQuery, query } from './reply.js';

/** Adds the endpoints. */
export function documentRoutes(server: FastifyInstance, context: ApiContext): void {
  server.post('/:index/_doc', (request, reply) => write(request, reply, context, 'index'));
  server.route({
    method: ['PUT', 'POST'],
    url: '/:index/_doc/:id',
    handler: (request, reply) => write(request, reply, context, 'index'),
  });
  server.route({
    method: ['PUT', 'POST'],
    url: '/:index/_create/:id',
    handler: (request, reply) => write(request, reply, context, 'create'),
  });
  server.post('/:index/_update/:id', (request, reply) => write(request, reply, context, 'update'));
  server.delete('/:index/_doc/:id', (request, reply) => write(request, reply, context, 'delete'));
  server.get('/:index/_doc/:id', (request, reply) => get(request, reply, context));
  server.get('/:index/_source/:id', (request, reply) => getSource(request, reply, context));
  server.route({
    method: ['GET', 'POST'],
    url: '/_mget',
    handler: (request, reply) => getMany(request, reply, context),
  });
  server.route({
    method: ['GET', 'POST'],
    url: '/:index/_mget',
    handler: (request, reply) => getMany(request, reply, context),
  });
}

async function write(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
  usual: Operation['action'],
): Promise<FastifyReply> {
  checkQuery(request, [
    'refresh',
    'op_type',
    'require_alias',
    'require_data_stream',
    'pipeline',
    'retry_on_conflict',
    'include_source_on_error',
  ]);
  const { index, id } = request.params as { index: string; id?: string };
  const { op_type: type, refresh } = query(request);
  if (type !== undefined && type !== 'create' && type !== 'index')
    throw illegalArgument(`opType must be 'create' or 'index', found: [${type}]`);
  const isStream =
    usual === 'index' && id === undefined && (type === 'create' || context.catalog.dataStreams.has(index));
  const action = type === 'create' || isStream ? 'create' : usual;
  const { body } = request;
  if (action !== 'delete' && (!Buffer.isBuffer(body) || body.length === 0))
    throw new ApiError(400, 'parse_exception', 'request body is required');
  if (Buffer.isBuffer(body) && !isUtf8(body)) throw illegalArgument('the document is not UTF-8');
  const [outcome] = await context.writer.write([
    { action, index, id, ...(Buffer.isBuffer(body) ? { source: body.toString() } : {}) },
  ]);
  if (outcome === undefined) throw new Error('a write has one outcome');
  if (outcome.error !== undefined) throw outcome.error;
  if (refresh !== undefined && refresh !== 'false') await context.writer.refresh();
  const { status: _, ...item } = JSON.parse(itemText(outcome, refresh)) as { status: number };
  return reply.code(statusOf(outcome)).send(JSON.stringify(item));
}

/** The indices a name may mean when one document is read. @throws ApiError 404 */
function candidates(context: ApiContext, name: string): Index[] {
  const index = context.catalog.indices.get(name);
  if (index !== undefined) return [index];
  const stream = context.catalog.dataStreams.get(name);
  const indices = stream?.indices.flatMap((each) => context.catalog.indices.get(each) ?? []);
  if (indices === undefined || indices.length === 0) throw indexNotFound(name);
  return indices;
}

async function found(
  context: ApiContext,
  name: string,
  id: string,
): Promise<{ index: Index; source: string; version: number; sequence: number } | undefined> {
  for (const index of candidates(context, name).reverse()) {
    const document = await context.writer.document(index, id);
    if (document !== undefined) return { index, ...document };
  }
  return undefined;
}

function wantedSource(request: FastifyRequest): SourceRequest {
  const { _source: source, _source_includes: includes, _source_excludes: excludes } = query(request);
  if (includes === undefined && excludes === undefined)
    return source === undefined
      ? true
      : parseSource(source === 'true' || source === 'false' ? source : source.split(','));
  return { includes: includes?.split(',') ?? [], excludes: excludes?.split(',') ?? [] };
}

async function get(request: FastifyRequest, reply: FastifyReply, context: ApiContext): Promise<FastifyReply> {
  checkQuery(request, [
    '_source',
    '_source_includes',
    '_source_excludes',
    'realtime',
    'refresh',
    'preference',
  ]);
  const { index, id } = request.params as { index: string; id: string };
  const document = await found(context, index, id);
  return reply
    .code(document === undefined ? 404 : 200)
    .send(documentText(index, id, document, wantedSource(request)));
}

function documentText(
  name: string,
  id: string,
  document: Awaited<ReturnType<typeof found>>,
  wanted: SourceRequest,
): string {
  if (document === undefined)
    return `{"_index":${JSON.stringify(name)},"_id":${JSON.stringify(id)},"found":false}`;
  const source = filteredSource(document.source, wanted);
  return `{"_index":${JSON.stringify(document.index.name)},"_id":${JSON.stringify(id)},"_version":${document.version},"_seq_no":${document.sequence},"_primary_term":1,"found":true${source === undefined ? '' : `,"_source":${source}`}}`;
}

async function getSource(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  const { index, id } = request.params as { index: string; id: string };
  const document = await found(context, index, id);
  if (document === undefined)
    throw new ApiError(404, 'resource_not_found_exception', `Document not found [${index}]/[${id}]`);
  return reply.send(filteredSource(document.source, wantedSource(request)) ?? '{}');
}

async function getMany(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  const { index } = request.params as { index?: string };
  const body = bodyObject(request);
  const asked = [
    ...asArray(body['docs']).map((each) =>
      isObject(each)
        ? {
            index: String(each['_index'] ?? index ?? ''),
            id: String(each['_id']),
            source: parseSource(each['_source']),
          }
        : undefined,
    ),
    ...asArray(body['ids']).map((id) => ({
      index: index ?? '',
      id: String(id),
      source: true as SourceRequest,
    })),
  ];
  const texts: string[] = [];
  for (const each of asked) {
    if (each === undefined) throw illegalArgument('docs must be objects');
    try {
      texts.push(documentText(each.index, each.id, await found(context, each.index, each.id), each.source));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      texts.push(
        JSON.stringify({
          _index: each.index,
          _id: each.id,
          error: { root_cause: [error.toCause()], ...error.toCause() },
        }),
      );
    }
  }
  return reply.send(`{"docs":[${texts.join(',')}]}`);
}
