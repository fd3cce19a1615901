/**
 * Reads a user's mapping JSON into a {@link Mapping}, and merges a later one into it by Elasticsearch's
 * rules of what may change.
 */
import { illegalArgument, mapperParsing } from '../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { type Field, storageOf } from './field.js';
import { type Dynamic, Mapping, type MappingLimits, parentOf, type StoredMapping } from './mapping.js';

/** Parameters that an existing field may take anew. */
const UPDATABLE = new Set([
  'ignore_malformed',
  'ignore_above',
  'coerce',
  'meta',
  'eager_global_ordinals',
  'fielddata',
  'boost',
  'search_analyzer',
  'search_quote_analyzer',
  'norms',
  'copy_to',
  'script',
]);
const KNOWN_PARAMETERS = new Set([
  ...UPDATABLE,
  'analyzer',
  'doc_values',
  'format',
  'index',
  'null_value',
  'scaling_factor',
  'store',
  'value',
  'index_options',
  'index_prefixes',
  'index_phrases',
  'term_vector',
  'position_increment_gap',
  'similarity',
  'normalizer',
  'split_queries_on_whitespace',
  'depth_limit',
  'time_series_dimension',
  'time_series_metric',
  'locale',
  'ignore_z_value',
]);
/** Parameters that would change results and are not there yet. */
const REFUSED_PARAMETERS = new Set(['copy_to', 'script', 'normalizer']);
const ROOT_KEPT = new Set(['_meta', '_source', '_routing', '_data_stream_timestamp', '_size', 'subobjects']);

/** Makes a mapping of a definition. @throws ApiError when it cannot be understood */
export function readMapping(definition: JsonObject, limits: MappingLimits, stored?: StoredMapping): Mapping {
  const numbers = new Map(Object.entries(stored?.numbers ?? {}));
  const mapping = new Mapping(limits, numbers, stored?.nextNumber ?? 1);
  mergeMapping(mapping, definition);
  return mapping;
}

/** A copy to which a change can be tried. */
export function copyOf(mapping: Mapping): Mapping {
  return readMapping(mapping.toJson(), mapping.limits, mapping.toStored());
}

/** Merges a definition into a mapping. On an error the mapping is left half changed: use a copy. */
export function mergeMapping(mapping: Mapping, definition: JsonObject): void {
  for (const [key, value] of Object.entries(definition)) {
    switch (key) {
      case 'properties':
        mergeProperties(mapping, '', value);
        break;
      case 'dynamic':
        mapping.dynamic = readDynamic(value);
        break;
      case 'date_detection':
        mapping.dateDetection = value !== false && value !== 'false';
        break;
      case 'numeric_detection':
        mapping.numericDetection = value === true || value === 'true';
        break;
      case 'dynamic_date_formats':
        mapping.dateFormats = (Array.isArray(value) ? value : [value]).map(String);
        mapping.rootParameters[key] = value;
        break;
      case 'dynamic_templates':
        mergeDynamicTemplates(mapping, value);
        break;
      default:
        if (!ROOT_KEPT.has(key)) {
          throw mapperParsing(
            `Root mapping definition has unsupported parameters:  [${key} : ${JSON.stringify(value)}]`,
          );
        }
        if (key === '_source' && isObject(value) && value['enabled'] === false) {
          throw mapperParsing('the source cannot be disabled: this store answers from it');
        }
        mapping.rootParameters[key] = value;
    }
  }
  mapping.version++;
  if (mapping.totalFields > mapping.limits.fieldsMax) {
    throw illegalArgument(`Limit of total fields [${mapping.limits.fieldsMax}] has been exceeded`);
  }
}

function readDynamic(value: Json): Dynamic {
  const text = String(value);
  if (text === 'true' || text === 'false' || text === 'strict') return text;
  throw mapperParsing(`dynamic [${text}] is not supported: use true, false or strict`);
}

function mergeDynamicTemplates(mapping: Mapping, value: Json): void {
  if (!Array.isArray(value))
    throw mapperParsing('Dynamic template syntax error. An array of named objects is expected.');
  for (const entry of value) {
    const pair = isObject(entry) ? Object.entries(entry)[0] : undefined;
    if (pair === undefined || !isObject(pair[1])) {
      throw mapperParsing('A dynamic template must be defined with a name');
    }
    const [name, rule] = pair;
    const kept = mapping.dynamicTemplates.filter((each) => each.name !== name);
    mapping.dynamicTemplates = [...kept, { name, rule }];
  }
}

function mergeProperties(mapping: Mapping, prefix: string, value: Json): void {
  if (!isObject(value)) throw mapperParsing('Expected map for property [properties]');
  for (const [name, definition] of Object.entries(value)) {
    if (name.trim() === '') throw mapperParsing('field name cannot be an empty string');
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (!isObject(definition)) {
      throw mapperParsing(
        `Expected map for property [fields] on field [${name}] but got a class java.lang.String`,
      );
    }
    ensureObjects(mapping, path);
    const { type } = definition;
    if (type === undefined || type === 'object' || type === 'nested') mergeObject(mapping, path, definition);
    else mergeField(mapping, path, definition);
  }
}

function mergeObject(mapping: Mapping, path: string, definition: JsonObject): void {
  if (
    definition['type'] === undefined &&
    definition['properties'] === undefined &&
    definition['dynamic'] === undefined &&
    definition['enabled'] === undefined &&
    Object.keys(definition).length > 0
  ) {
    throw mapperParsing(`No type specified for field [${path}]`);
  }
  if (mapping.fields.has(path)) {
    throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
  }
  const before = mapping.objects.get(path);
  mapping.addObject({
    path,
    enabled:
      definition['enabled'] === undefined
        ? (before?.enabled ?? true)
        : String(definition['enabled']) !== 'false',
    nested: definition['type'] === undefined ? (before?.nested ?? false) : definition['type'] === 'nested',
    ...(definition['dynamic'] === undefined
      ? before?.dynamic === undefined
        ? {}
        : { dynamic: before.dynamic }
      : { dynamic: readDynamic(definition['dynamic']) }),
  });
  if (definition['properties'] !== undefined) mergeProperties(mapping, path, definition['properties']);
}

function mergeField(mapping: Mapping, path: string, definition: JsonObject, parent?: string): void {
  if (mapping.objects.has(path)) {
    throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
  }
  const { type, fields, properties: _, ...parameters } = definition;
  const field = newField(mapping, path, String(type), parameters, parent);
  const before = mapping.fields.get(path);
  mapping.addField(before === undefined ? field : mergedField(before, field));
  if (fields === undefined) return;
  if (!isObject(fields)) throw mapperParsing(`Expected map for property [fields] on field [${path}]`);
  for (const [name, sub] of Object.entries(fields)) {
    if (!isObject(sub) || sub['type'] === undefined)
      throw mapperParsing(`No type specified for field [${name}]`);
    mergeField(mapping, `${path}.${name}`, sub, path);
  }
}

/** Makes a field of a definition without placing it. @throws ApiError for an unknown type or parameter */
export function newField(
  mapping: Mapping,
  path: string,
  type: string,
  parameters: JsonObject,
  parent?: string,
): Field {
  const storage = storageOf(type);
  if (storage === undefined) {
    throw mapperParsing(
      `The mapper type [${type}] declared on field [${path}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  }
  for (const name of Object.keys(parameters)) {
    if (!KNOWN_PARAMETERS.has(name) || REFUSED_PARAMETERS.has(name)) {
      throw mapperParsing(`unknown parameter [${name}] on mapper [${path}] of type [${type}]`);
    }
  }
  if (type === 'scaled_float' && typeof parameters['scaling_factor'] !== 'number') {
    throw mapperParsing('Field [scaling_factor] is required');
  }
  return {
    path,
    type,
    storage,
    number: mapping.numberOf(path),
    parameters,
    ...(parent === undefined ? {} : { parent }),
  };
}

function mergedField(before: Field, after: Field): Field {
  if (before.type !== after.type) {
    throw illegalArgument(
      `mapper [${before.path}] cannot be changed from type [${before.type}] to [${after.type}]`,
    );
  }
  const names = new Set([...Object.keys(before.parameters), ...Object.keys(after.parameters)]);
  const conflicts: string[] = [];
  for (const name of names) {
    const [old, now] = [before.parameters[name], after.parameters[name]];
    if (UPDATABLE.has(name) || JSON.stringify(old) === JSON.stringify(now)) continue;
    if (isDefault(name, old) && isDefault(name, now)) continue;
    conflicts.push(`Cannot update parameter [${name}] from [${shown(name, old)}] to [${shown(name, now)}]`);
  }
  if (conflicts.length > 0) {
    throw illegalArgument(
      `Mapper for [${before.path}] conflicts with existing mapper:\n\t${conflicts.join('\n\t')}`,
    );
  }
  return { ...before, parameters: after.parameters };
}

function isDefault(name: string, value: Json | undefined): boolean {
  return (
    value === undefined ||
    ((name === 'index' || name === 'doc_values') && value === true) ||
    (name === 'store' && value === false)
  );
}

function shown(name: string, value: Json | undefined): string {
  if (value !== undefined) return String(value);
  return name === 'index' || name === 'doc_values' ? 'true' : name === 'store' ? 'false' : 'null';
}

/** Makes the objects above a dotted path. @throws ApiError when a field stands in the way */
export function ensureObjects(mapping: Mapping, path: string): string[] {
  const made: string[] = [];
  for (let at = parentOf(path); at !== ''; at = parentOf(at)) {
    if (mapping.fields.has(at))
      throw illegalArgument(`can't merge a non object mapping [${at}] with an object mapping`);
    if (mapping.objects.has(at)) break;
    mapping.addObject({ path: at, enabled: true, nested: false });
    made.push(at);
  }
  return made;
}
