/** One operation on one document: what it becomes, or why it is refused. Pure but for the mapping it grows. */
import { v7 as uuidv7 } from 'uuid';
import type { Index } from '../catalog/catalog.js';
import { ApiError } from '../errors.js';
import { isObject, type JsonObject, mergeObjects } from '../json.js';
import { readDocument } from '../mapping/document.js';
import type { StoredIdentity } from './day-file.js';
import type { PendingDocument } from './pending.js';

/** What to do with a document. */
export interface Operation {
  action: 'create' | 'index' | 'update' | 'delete';
  /** The name written to: an index or a data stream. */
  index: string;
  id: string | undefined;
  /** The document's JSON text; for `update` that of `{"doc":…}`. */
  source?: string;
  /** Set when the operation comes from the journal. */
  replayed?: { sequence: number; version: number };
}

/** What became of an operation. */
export interface Outcome {
  operation: Operation;
  index: string;
  id: string;
  result?: 'created' | 'updated' | 'deleted' | 'not_found' | 'noop';
  version?: number;
  sequence?: number;
  error?: ApiError | Error;
  document?: PendingDocument;
  journalLine?: string;
  mappingChanged?: boolean;
}

/** The line before a document in the journal; `l` is the length of its source in UTF-16 units. */
interface JournalHead {
  a: 'index' | 'delete';
  x: string;
  i: string;
  q: number;
  v: number;
  l: number;
}

const ID_BYTES_MAX = 512;

/**
 * Prepares an operation.
 *
 * @param existing the document of this id, when there is one
 * @param existingSource its source, for `update`
 */
export function prepare(
  operation: Operation,
  index: Index,
  existing: PendingDocument | StoredIdentity | undefined,
  existingSource: string | undefined,
  nextSequence: () => number,
): Outcome {
  const id = operation.id ?? uuidv7();
  const base = { operation, index: index.name, id };
  try {
    if (Buffer.byteLength(id) > ID_BYTES_MAX) {
      throw new ApiError(
        400,
        'illegal_argument_exception',
        `id is too long, must be no longer than 512 bytes but was: ${Buffer.byteLength(id)}`,
      );
    }
    const { replayed } = operation;
    if (replayed !== undefined && existing !== undefined && existing.sequence >= replayed.sequence)
      return { ...base, result: 'noop' };
    if (operation.action === 'delete')
      return { ...base, ...removal(operation, index, id, existing, nextSequence) };
    if (operation.action === 'create' && existing !== undefined && replayed === undefined) {
      throw conflict(index, id, existing.version);
    }
    const source =
      operation.action === 'update'
        ? updatedSource(operation, index, id, existingSource)
        : (operation.source ?? '');
    if (source === undefined)
      return { ...base, result: 'noop', version: existing?.version ?? 1, sequence: existing?.sequence ?? 0 };
    const read = readDocument(index.mapping, id, parsed(source), source);
    const timestamp = index.mapping.fields.get('@timestamp');
    const at = timestamp === undefined ? undefined : read.values.get(timestamp);
    if (index.dataStream !== undefined && (at === undefined || Array.isArray(at))) {
      read.takeBack();
      const what = at === undefined ? 'is missing' : 'encountered multiple values';
      throw new ApiError(
        400,
        'document_parsing_exception',
        `[1:${source.length}] failed to parse: data stream timestamp field [@timestamp] ${what}`,
        {
          type: 'illegal_argument_exception',
          reason: `data stream timestamp field [@timestamp] ${what}`,
        },
      );
    }
    const sequence = replayed?.sequence ?? nextSequence();
    const version = replayed?.version ?? (existing === undefined ? 1 : existing.version + 1);
    const day = dayOf(
      typeof at === 'bigint'
        ? Number(at / 1_000_000n)
        : timestamp?.type === 'date' && typeof at === 'number'
          ? at
          : typeof at === 'number'
            ? at / 1e6
            : undefined,
    );
    return {
      ...base,
      result: existing === undefined ? 'created' : 'updated',
      version,
      sequence,
      mappingChanged: read.mappingChanged,
      document: { index, id, sequence, version, day, source, values: read.values, supersedes: undefined },
      journalLine: journalLine('index', index.name, id, sequence, version, source),
    };
  } catch (error) {
    return { ...base, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function journalLine(
  action: string,
  index: string,
  id: string,
  sequence: number,
  version: number,
  source: string,
): string {
  return `${JSON.stringify({ a: action, x: index, i: id, q: sequence, v: version, l: source.length })}\n${source}\n`;
}

/** The operations of a journal frame. */
export function journalled(payload: string): Operation[] {
  const operations: Operation[] = [];
  for (let at = 0; at < payload.length; ) {
    const end = payload.indexOf('\n', at);
    const head = JSON.parse(payload.slice(at, end)) as JournalHead;
    const source = payload.slice(end + 1, end + 1 + head.l);
    operations.push({
      action: head.a,
      index: head.x,
      id: head.i,
      source,
      replayed: { sequence: head.q, version: head.v },
    });
    at = end + 1 + head.l + 1;
  }
  return operations;
}

function removal(
  operation: Operation,
  index: Index,
  id: string,
  existing: PendingDocument | StoredIdentity | undefined,
  nextSequence: () => number,
): Partial<Outcome> {
  const sequence = operation.replayed?.sequence ?? nextSequence();
  if (existing === undefined) return { result: 'not_found', version: 1, sequence };
  const version = existing.version + 1;
  return {
    result: 'deleted',
    version,
    sequence,
    document: {
      index,
      id,
      sequence,
      version,
      day: existing.day,
      source: undefined,
      values: new Map(),
      supersedes: undefined,
    },
    journalLine: journalLine('delete', index.name, id, sequence, version, ''),
  };
}

function updatedSource(
  operation: Operation,
  index: Index,
  id: string,
  existing: string | undefined,
): string | undefined {
  const body = parsed(operation.source ?? '');
  const unsupported = Object.keys(body).find(
    (key) => key !== 'doc' && key !== 'doc_as_upsert' && key !== 'upsert' && key !== 'detect_noop',
  );
  if (unsupported !== undefined)
    throw new ApiError(
      400,
      'illegal_argument_exception',
      `update with [${unsupported}] is not supported by this store`,
    );
  if (existing === undefined) {
    const upsert = body['doc_as_upsert'] === true ? body['doc'] : body['upsert'];
    if (isObject(upsert)) return JSON.stringify(upsert);
    throw new ApiError(404, 'document_missing_exception', `[${id}]: document missing`, undefined, {
      index: index.name,
      index_uuid: index.uuid,
      shard: '0',
    });
  }
  if (!isObject(body['doc']))
    throw new ApiError(
      400,
      'action_request_validation_exception',
      'Validation Failed: 1: script or doc is missing;',
    );
  const before = JSON.parse(existing) as JsonObject;
  const after = JSON.stringify(mergeObjects(before, body['doc']));
  return after === JSON.stringify(before) ? undefined : after;
}

function parsed(source: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new ApiError(400, 'document_parsing_exception', '[1:1] failed to parse', {
      type: 'json_parse_exception',
      reason: error instanceof Error ? error.message : String(error),
    });
  }
  if (!isObject(value)) {
    throw new ApiError(400, 'document_parsing_exception', 'Malformed content, must start with an object');
  }
  return value;
}

function conflict(index: Index, id: string, version: number): ApiError {
  return new ApiError(
    409,
    'version_conflict_engine_exception',
    `[${id}]: version conflict, document already exists (current version [${version}])`,
    undefined,
    {
      index_uuid: index.uuid,
      shard: '0',
      index: index.name,
    },
  );
}

/** The day file a document of this time goes to. */
function dayOf(ms: number | undefined): string {
  if (ms === undefined || ms < -62_167_219_200_000 || ms >= 253_402_300_800_000) return 'undated';
  return new Date(ms).toISOString().slice(0, 10);
}
