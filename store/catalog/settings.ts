/** Index settings in the one flat form (`index.mapping.total_fields.limit`), and the few that have effect. */
import { illegalArgument } from '../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import type { MappingLimits } from '../mapping/mapping.js';

/** Settings of any spelling, nested or dotted, as dotted names that begin with `index.`. */
export function flatSettings(settings: JsonObject | undefined): JsonObject {
  const flat: JsonObject = {};
  const walk = (object: JsonObject, prefix: string): void => {
    for (const [key, value] of Object.entries(object)) {
      const name = prefix === '' ? key : `${prefix}.${key}`;
      if (isObject(value)) walk(value, name);
      else flat[name.startsWith('index.') ? name : `index.${name}`] = asText(value);
    }
  };
  if (settings !== undefined) walk(settings, '');
  return flat;
}

function asText(value: Json): Json {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** The limits of an index's mapping. */
export function mappingLimits(settings: JsonObject): MappingLimits {
  return {
    fieldsMax: positive(settings, 'index.mapping.total_fields.limit', 1000),
    depthMax: positive(settings, 'index.mapping.depth.limit', 20),
    ignoresMalformed: settings['index.mapping.ignore_malformed'] === 'true',
  };
}

/** The fields a query string searches when it names none. */
export function defaultFields(settings: JsonObject): string[] {
  const chosen = settings['index.query.default_field'];
  if (chosen === undefined) return ['*'];
  return (Array.isArray(chosen) ? chosen : [chosen]).map(String);
}

/** The farthest hit `from` and `size` may reach. */
export function resultWindowMax(settings: JsonObject): number {
  return positive(settings, 'index.max_result_window', 10_000);
}

function positive(settings: JsonObject, name: string, otherwise: number): number {
  const value = settings[name];
  if (value === undefined || value === null) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) {
    throw illegalArgument(`Failed to parse value [${String(value)}] for setting [${name}]`);
  }
  return number;
}

/** The nested form in which `GET _settings` and templates show settings. */
export function nestedSettings(flat: JsonObject): JsonObject {
  const nested: JsonObject = {};
  for (const [name, value] of Object.entries(flat)) {
    let at = nested;
    const parts = name.split('.');
    for (const part of parts.slice(0, -1)) {
      if (!isObject(at[part])) at[part] = {};
      at = at[part] as JsonObject;
    }
    at[parts.at(-1) ?? name] = value;
  }
  return nested;
}
