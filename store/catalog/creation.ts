/** Makes indices and data streams, asked for or by the first document, as the templates say. */
import { ApiError, illegalArgument, indexNotFound } from '../errors.js';
import { isObject, type JsonObject, mergeObjects } from '../json.js';
import { readMapping } from '../mapping/definition.js';
import type { Catalog, DataStream, Index } from './catalog.js';
import { checkIndexName } from './index-expression.js';
import { flatSettings, mappingLimits } from './settings.js';
import { resolveTemplate } from './template.js';

/** Makes an index. @throws ApiError 400 when the name is taken or the body cannot be understood */
export function createIndex(catalog: Catalog, name: string, body: JsonObject = {}): Index {
  checkIndexName(name);
  const existing = catalog.indices.get(name);
  if (existing !== undefined || catalog.dataStreams.has(name)) {
    throw new ApiError(
      400,
      'resource_already_exists_exception',
      `index [${name}/${existing?.uuid ?? '_na_'}] already exists`,
      undefined,
      { index: name, index_uuid: existing?.uuid ?? '_na_' },
    );
  }
  for (const key of Object.keys(body)) {
    if (key !== 'settings' && key !== 'mappings' && key !== 'aliases') {
      throw new ApiError(400, 'parse_exception', `unknown key [${key}] for create index`);
    }
  }
  if (isObject(body['aliases']) && Object.keys(body['aliases']).length > 0) {
    throw illegalArgument('aliases are not supported by this store');
  }
  const template = resolveTemplate(catalog, name);
  if (template.isDataStream) {
    throw illegalArgument(
      `cannot create index with name [${name}], because it matches with template [${template.name}] that creates data streams only, use create data stream api instead`,
    );
  }
  const settings = {
    ...template.settings,
    ...flatSettings(isObject(body['settings']) ? body['settings'] : undefined),
  };
  const mappings = mergeObjects(template.mappings, isObject(body['mappings']) ? body['mappings'] : {});
  return catalog.addIndex(name, settings, readMapping(mappings, mappingLimits(settings)));
}

/** Makes a data stream and its first backing index. @throws ApiError 400 when no template allows it */
export function createDataStream(catalog: Catalog, name: string): DataStream {
  checkIndexName(name);
  if (catalog.dataStreams.has(name) || catalog.indices.has(name)) {
    throw new ApiError(400, 'resource_already_exists_exception', `data_stream [${name}] already exists`);
  }
  const template = resolveTemplate(catalog, name);
  if (template.name === undefined || !template.isDataStream) {
    throw illegalArgument(`no matching index template found for data stream [${name}]`);
  }
  const mappings = mergeObjects({ properties: { '@timestamp': { type: 'date' } } }, template.mappings);
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '.');
  const mapping = readMapping(mappings, mappingLimits(template.settings));
  const timestamp = mapping.fields.get('@timestamp');
  if (timestamp?.storage !== 'date') {
    throw illegalArgument(
      `data stream timestamp field [@timestamp] is of type [${timestamp?.type ?? 'object'}], but [date,date_nanos] is expected`,
    );
  }
  const backing = catalog.addIndex(`.ds-${name}-${day}-000001`, template.settings, mapping, name);
  const stream: DataStream = { name, template: template.name, indices: [backing.name] };
  catalog.dataStreams.set(name, stream);
  catalog.changed();
  return stream;
}

/** The index a document written to `name` goes to, made when it is not there. @throws ApiError */
export function writeTarget(catalog: Catalog, name: string, action: string): Index {
  const index = catalog.indices.get(name);
  if (index !== undefined) return index;
  const known = catalog.dataStreams.get(name);
  if (known === undefined && action === 'delete') throw indexNotFound(name);
  if (known === undefined) {
    checkIndexName(name);
    const template = resolveTemplate(catalog, name);
    if (!template.allowAutoCreate) {
      throw new ApiError(
        404,
        'index_not_found_exception',
        `no such index [${name}] and composable template [${template.name}] forbids index auto creation`,
        undefined,
        { index: name, index_uuid: '_na_' },
      );
    }
    if (!template.isDataStream) return createIndex(catalog, name);
  }
  const stream = known ?? createDataStream(catalog, name);
  if (action !== 'create')
    throw illegalArgument('only write ops with an op_type of create are allowed in data streams');
  const target = catalog.indices.get(stream.indices.at(-1) ?? '');
  if (target === undefined) throw indexNotFound(name);
  return target;
}
