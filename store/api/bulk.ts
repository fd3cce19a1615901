/** `_bulk`: NDJSON in, one outcome for each operation out. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, illegalArgument } from '../errors.js';
import { isObject, type JsonObject } from '../json.js';
import type { Operation, Outcome } from '../segment/operation.js';
import type { ApiContext } from './context.js';
import { checkQuery, parseJson, query } from './reply.js';

const ACTIONS = new Set(['create', 'index', 'update', 'delete']);
const META_KEYS = new Set([
  '_index',
  '_id',
  'require_alias',
  'list_executed_pipelines',
  'dynamic_templates',
  'retry_on_conflict',
  '_type',
]);

/** Adds the endpoint. */
export function bulkRoutes(server: FastifyInstance, context: ApiContext): void {
  for (const url of ['/_bulk', '/:index/_bulk']) {
    server.route({
      method: ['POST', 'PUT'],
      url,
      handler: async (request, reply) => reply.send(await bulk(request, context)),
    });
  }
}

async function bulk(request: FastifyRequest, context: ApiContext): Promise<string> {
  checkQuery(request, [
    'refresh',
    'require_alias',
    'require_data_stream',
    '_source',
    'pipeline',
    'routing',
    'filter_path',
    'include_source_on_error',
    'list_executed_pipelines',
  ]);
  const { refresh, pipeline, routing, filter_path: _ } = query(request);
  if (pipeline !== undefined && pipeline !== '_none')
    throw illegalArgument(`pipeline with id [${pipeline}] does not exist`);
  if (routing !== undefined) throw illegalArgument('[routing] is not supported by this store');
  const startedAt = performance.now();
  const { index } = request.params as { index?: string };
  const operations = readOperations(request.body, index);
  const outcomes = await context.writer.write(operations);
  if (refresh !== undefined && refresh !== 'false') await context.writer.refresh();
  const items: string[] = [];
  let hasErrors = false;
  for (const outcome of outcomes) {
    if (outcome.error !== undefined) hasErrors = true;
    items.push(`{"${outcome.operation.action}":${itemText(outcome, refresh)}}`);
  }
  return `{"errors":${hasErrors},"took":${Math.round(performance.now() - startedAt)},"items":[${items.join(',')}]}`;
}

/** Reads a bulk's body. @throws ApiError 400 when it as a whole cannot be read */
function readOperations(body: unknown, defaultIndex: string | undefined): Operation[] {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ApiError(400, 'parse_exception', 'request body is required');
  if (body[body.length - 1] !== 10)
    throw illegalArgument('The bulk request must be terminated by a newline [\\n]');
  if (!isUtf8(body)) throw illegalArgument('The bulk request is not UTF-8');
  const lines = body.toString().split('\n');
  const operations: Operation[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const operation = readAction(line, at + 1, defaultIndex);
    if (operation.action !== 'delete') {
      const source = lines[++at];
      if (source === undefined || (at === lines.length - 1 && source === '')) {
        throw illegalArgument(`Malformed action/metadata line [${at}], expected a source line after it`);
      }
      operation.source = source.endsWith('\r') ? source.slice(0, -1) : source;
    }
    operations.push(operation);
  }
  if (operations.length === 0)
    throw new ApiError(
      400,
      'action_request_validation_exception',
      'Validation Failed: 1: no requests added;',
    );
  return operations;
}

function readAction(line: string, number: number, defaultIndex: string | undefined): Operation {
  const malformed = (found: string): ApiError =>
    illegalArgument(`Malformed action/metadata line [${number}], ${found}`);
  let parsed: unknown;
  try {
    parsed = parseJson(line);
  } catch {
    throw malformed('expected START_OBJECT but found something that is not JSON');
  }
  const entry = isObject(parsed) ? Object.entries(parsed)[0] : undefined;
  if (entry === undefined) throw malformed('expected FIELD_NAME but found [END_OBJECT]');
  const [action, meta] = entry;
  if (!ACTIONS.has(action))
    throw malformed(`expected field [create], [delete], [index] or [update] but found [${action}]`);
  if (!isObject(meta)) throw malformed('expected START_OBJECT but found something else');
  checkMeta(meta, number);
  const index = meta['_index'] ?? defaultIndex;
  if (index === undefined || index === null)
    throw new ApiError(400, 'action_request_validation_exception', 'Validation Failed: 1: index is missing;');
  const id = meta['_id'];
  if (id === '') throw illegalArgument('if _id is specified it must not be empty');
  if ((action === 'update' || action === 'delete') && (id === undefined || id === null)) {
    throw new ApiError(400, 'action_request_validation_exception', 'Validation Failed: 1: id is missing;');
  }
  return {
    action: action as Operation['action'],
    index: String(index),
    id: id === undefined || id === null ? undefined : String(id),
  };
}

function checkMeta(meta: JsonObject, number: number): void {
  const unknown = Object.keys(meta).find((key) => !META_KEYS.has(key));
  if (unknown !== undefined)
    throw illegalArgument(`Action/metadata line [${number}] contains an unknown parameter [${unknown}]`);
}

/** The status of an outcome. */
export function statusOf(outcome: Outcome): number {
  if (outcome.error !== undefined) return outcome.error instanceof ApiError ? outcome.error.status : 500;
  return outcome.result === 'created' ? 201 : outcome.result === 'not_found' ? 404 : 200;
}

/** The JSON text of an outcome as it stands in a bulk's items. */
export function itemText(outcome: Outcome, refresh: string | undefined): string {
  const { error } = outcome;
  const head = `{"_index":${JSON.stringify(outcome.index)},"_id":${JSON.stringify(outcome.id)}`;
  if (error !== undefined) {
    const cause = error instanceof ApiError ? error.toCause() : { type: 'exception', reason: error.message };
    return `${head},"status":${statusOf(outcome)},"error":${JSON.stringify(cause)}}`;
  }
  const forced = refresh === 'true' || refresh === '' ? ',"forced_refresh":true' : '';
  return `${head},"_version":${outcome.version ?? 1},"result":"${outcome.result}"${forced},"_shards":{"total":1,"successful":1,"failed":0},"_seq_no":${outcome.sequence ?? 0},"_primary_term":1,"status":${statusOf(outcome)}}`;
}
