/** Index templates: which applies to a name, and what it amounts to with its component templates. */
import { ApiError, illegalArgument } from '../errors.js';
import { asArray, isObject, type JsonObject, matchesPattern, mergeObjects } from '../json.js';
import { readMapping } from '../mapping/definition.js';
import type { Catalog } from './catalog.js';
import { flatSettings, mappingLimits } from './settings.js';

/** What a new index gets. */
export interface ResolvedTemplate {
  name: string | undefined;
  settings: JsonObject;
  mappings: JsonObject;
  isDataStream: boolean;
  allowAutoCreate: boolean;
}

const TEMPLATE_KEYS = new Set([
  'index_patterns',
  'template',
  'composed_of',
  'priority',
  'version',
  '_meta',
  'data_stream',
  'allow_auto_create',
  'ignore_missing_component_templates',
  'deprecated',
]);
const BODY_KEYS = new Set(['settings', 'mappings', 'aliases', 'lifecycle']);

/** The template of the highest priority whose patterns match a name, with its components merged. */
export function resolveTemplate(catalog: Catalog, index: string): ResolvedTemplate {
  let best: { name: string; body: JsonObject; priority: number } | undefined;
  for (const [name, body] of catalog.indexTemplates) {
    const priority = Number(body['priority'] ?? 0);
    const matches = asArray(body['index_patterns']).some((pattern) => matchesPattern(String(pattern), index));
    if (matches && (best === undefined || priority > best.priority)) best = { name, body, priority };
  }
  if (best === undefined)
    return { name: undefined, settings: {}, mappings: {}, isDataStream: false, allowAutoCreate: true };
  return { name: best.name, ...composed(catalog, best.body) };
}

function composed(catalog: Catalog, body: JsonObject): Omit<ResolvedTemplate, 'name'> {
  let settings: JsonObject = {};
  let mappings: JsonObject = {};
  const parts = asArray(body['composed_of']).map((name) => catalog.componentTemplates.get(String(name)));
  for (const part of [...parts, body]) {
    const template = part?.['template'];
    if (!isObject(template)) continue;
    if (isObject(template['settings'])) settings = { ...settings, ...flatSettings(template['settings']) };
    if (isObject(template['mappings'])) mappings = mergeMappings(mappings, template['mappings']);
  }
  return {
    settings,
    mappings,
    isDataStream: isObject(body['data_stream']),
    allowAutoCreate: body['allow_auto_create'] !== false,
  };
}

/** Mappings add up; of dynamic templates of one name the later stands, in the earlier's place. */
function mergeMappings(base: JsonObject, over: JsonObject): JsonObject {
  const merged = mergeObjects(base, unwrapped(over));
  const before = asArray(base['dynamic_templates']);
  const after = asArray(unwrapped(over)['dynamic_templates']);
  if (before.length > 0 && after.length > 0) {
    const names = new Set(after.flatMap((each) => (isObject(each) ? Object.keys(each) : [])));
    const kept = before.filter(
      (each) => !isObject(each) || !Object.keys(each).some((name) => names.has(name)),
    );
    merged['dynamic_templates'] = [...kept, ...after];
  }
  return merged;
}

function unwrapped(mappings: JsonObject): JsonObject {
  const inner = mappings['_doc'];
  return isObject(inner) && Object.keys(mappings).length === 1 ? inner : mappings;
}

/** Checks a component template's body and gives the form that is kept. @throws ApiError */
export function checkComponentTemplate(name: string, body: JsonObject): JsonObject {
  refuseUnknown(
    'component_template',
    body,
    new Set(['template', 'version', '_meta', 'allow_auto_create', 'deprecated']),
  );
  if (!isObject(body['template']))
    throw new ApiError(400, 'x_content_parse_exception', 'Required [template]');
  return { ...body, template: checkBody(name, body['template']) };
}

/** Checks an index template's body and gives the form that is kept. @throws ApiError */
export function checkIndexTemplate(catalog: Catalog, name: string, body: JsonObject): JsonObject {
  refuseUnknown('index_template', body, TEMPLATE_KEYS);
  const patterns = asArray(body['index_patterns']);
  if (patterns.length === 0 || patterns.some((each) => typeof each !== 'string')) {
    throw new ApiError(400, 'x_content_parse_exception', 'Required [index_patterns]');
  }
  const missing = asArray(body['composed_of']).filter(
    (each) => !catalog.componentTemplates.has(String(each)),
  );
  const mayMiss = new Set(asArray(body['ignore_missing_component_templates']).map(String));
  const unknown = missing.map(String).filter((each) => !mayMiss.has(each));
  if (unknown.length > 0) {
    throw new ApiError(
      400,
      'invalid_index_template_exception',
      `index_template [${name}] invalid, cause [index template [${name}] specifies component templates [${unknown.join(', ')}] that do not exist]`,
    );
  }
  const checked: JsonObject = {
    ...body,
    index_patterns: patterns,
    composed_of: asArray(body['composed_of']),
  };
  if (isObject(body['template'])) checked['template'] = checkBody(name, body['template']);
  const whole = composed(catalog, checked);
  try {
    readMapping(whole.mappings, mappingLimits(whole.settings));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw illegalArgument(`composable template [${name}] template after composition is invalid`, {
      type: 'illegal_argument_exception',
      reason: `invalid composite mappings for [${name}]`,
      caused_by: { type: error.type, reason: error.message },
    });
  }
  return checked;
}

function checkBody(name: string, template: JsonObject): JsonObject {
  refuseUnknown('template', template, BODY_KEYS);
  if (isObject(template['aliases']) && Object.keys(template['aliases']).length > 0) {
    throw illegalArgument(`template [${name}] has aliases, which this store does not support`);
  }
  const checked: JsonObject = { ...template };
  if (isObject(template['settings'])) checked['settings'] = flatSettings(template['settings']);
  if (isObject(template['mappings'])) {
    checked['mappings'] = unwrapped(template['mappings']);
    readMapping(unwrapped(template['mappings']), {
      fieldsMax: Number.POSITIVE_INFINITY,
      depthMax: 1000,
      ignoresMalformed: false,
    });
  }
  return checked;
}

function refuseUnknown(what: string, body: JsonObject, known: ReadonlySet<string>): void {
  const unknown = Object.keys(body).find((key) => !known.has(key));
  if (unknown !== undefined) {
    throw new ApiError(400, 'x_content_parse_exception', `[1:1] [${what}] unknown field [${unknown}]`);
  }
}
