/** `_field_caps`: which fields the indices have, and what can be done with them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Index } from '../catalog/catalog.js';
import { illegalArgument } from '../errors.js';
import { asArray, type JsonObject, matchesPattern } from '../json.js';
import { familyOf, hasDocValues, isSearchable } from '../mapping/field.js';
import { type ApiContext, indicesOf } from './context.js';
import { bodyObject, checkQuery, flag, query } from './reply.js';

const METADATA: Readonly<Record<string, string>> = { _id: '_id', _index: '_index', _source: '_source' };

/** Adds the endpoints. */
export function fieldCapsRoutes(server: FastifyInstance, context: ApiContext): void {
  for (const url of ['/_field_caps', '/:index/_field_caps']) {
    server.route({
      method: ['GET', 'POST'],
      url,
      handler: (request, reply) => fieldCaps(request, reply, context),
    });
  }
}

interface Capability {
  type: string;
  isSearchable: boolean;
  isAggregatable: boolean;
  isMetadata: boolean;
  indices: string[];
}

function fieldCaps(request: FastifyRequest, reply: FastifyReply, context: ApiContext): FastifyReply {
  checkQuery(request, ['fields', 'include_unmapped', 'filters', 'types', 'include_empty_fields']);
  const body = bodyObject(request);
  const asked = query(request)['fields']?.split(',') ?? asArray(body['fields']).map(String);
  if (asked.length === 0)
    throw illegalArgument(
      "Failed to build [field-caps-request] after last required field arrived: specify 'fields'",
    );
  const indices = indicesOf(context, request);
  const found = new Map<string, Map<string, Capability>>();
  for (const index of indices)
    for (const [name, capability] of capabilities(index, asked)) add(found, name, capability, index.name);
  const fields: JsonObject = {};
  for (const [name, types] of found) {
    const isMixed =
      types.size > 1 ||
      (flag(query(request)['include_unmapped']) &&
        ![...types.values()].every((each) => each.indices.length === indices.length));
    fields[name] = Object.fromEntries([...types].map(([type, each]) => [type, json(each, isMixed)]));
  }
  return reply.send(JSON.stringify({ indices: indices.map((index) => index.name), fields }));
}

function add(
  found: Map<string, Map<string, Capability>>,
  name: string,
  capability: Omit<Capability, 'indices'>,
  index: string,
): void {
  const types = found.get(name) ?? new Map<string, Capability>();
  found.set(name, types);
  const known = types.get(capability.type);
  if (known === undefined) types.set(capability.type, { ...capability, indices: [index] });
  else known.indices.push(index);
}

function json(capability: Capability, withIndices: boolean): JsonObject {
  return {
    type: capability.type,
    metadata_field: capability.isMetadata,
    searchable: capability.isSearchable,
    aggregatable: capability.isAggregatable,
    ...(withIndices ? { indices: capability.indices } : {}),
  };
}

function* capabilities(
  index: Index,
  asked: readonly string[],
): Generator<[string, Omit<Capability, 'indices'>]> {
  const isAsked = (name: string): boolean => asked.some((pattern) => matchesPattern(pattern, name));
  for (const [name, type] of Object.entries(METADATA)) {
    if (isAsked(name))
      yield [
        name,
        { type, isSearchable: name !== '_source', isAggregatable: name === '_index', isMetadata: true },
      ];
  }
  for (const field of index.mapping.fields.values()) {
    if (isAsked(field.path)) {
      yield [
        field.path,
        {
          type: familyOf(field.type),
          isSearchable: isSearchable(field),
          isAggregatable: hasDocValues(field),
          isMetadata: false,
        },
      ];
    }
  }
  for (const object of index.mapping.objects.values()) {
    if (isAsked(object.path))
      yield [
        object.path,
        {
          type: object.nested ? 'nested' : 'object',
          isSearchable: false,
          isAggregatable: false,
          isMetadata: false,
        },
      ];
  }
}
