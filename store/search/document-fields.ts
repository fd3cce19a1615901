/** Parts of a document: `_source` filtered, and the values of `fields`. */
import type { Index } from '../catalog/catalog.js';
import { isObject, type Json, type JsonObject, matchesPattern } from '../json.js';
import { parseDate, printDate } from '../mapping/date.js';
import { dateFormat, type Field } from '../mapping/field.js';
import type { FieldRequest, SourceRequest } from './request.js';

/** The wanted part of a source, or all of it byte for byte; `undefined` when it is not wanted. */
export function filteredSource(source: string, wanted: SourceRequest): string | undefined {
  if (wanted === true) return source;
  if (wanted === false) return undefined;
  const { includes, excludes } = wanted;
  if (includes.length === 0 && excludes.length === 0) return source;
  return JSON.stringify(pick(JSON.parse(source) as JsonObject, '', includes, excludes) ?? {});
}

function pick(
  object: JsonObject,
  prefix: string,
  includes: string[],
  excludes: string[],
): JsonObject | undefined {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (excludes.some((pattern) => covers(pattern, path))) continue;
    const isWanted = includes.length === 0 || includes.some((pattern) => covers(pattern, path));
    if (isObject(value)) {
      const inner = pick(value, path, isWanted ? [] : includes, excludes);
      if (inner !== undefined || (isWanted && Object.keys(value).length === 0)) kept[name] = inner ?? {};
    } else if (Array.isArray(value) && value.some(isObject) && !isWanted) {
      const items = value.flatMap((each) =>
        isObject(each) ? (pick(each, path, includes, excludes) ?? []) : [],
      );
      if (items.length > 0) kept[name] = items;
    } else if (isWanted) kept[name] = value;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** Whether a pattern names a path or something it lies in. */
function covers(pattern: string, path: string): boolean {
  if (matchesPattern(pattern, path)) return true;
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    if (matchesPattern(pattern, path.slice(0, dot))) return true;
  }
  return false;
}

/** The values asked for in `fields` and `docvalue_fields`, each a list. */
export function fieldValues(index: Index, document: JsonObject, asked: readonly FieldRequest[]): JsonObject {
  const found: JsonObject = {};
  for (const { pattern, format } of asked) {
    for (const field of index.mapping.fields.values()) {
      if (!matchesPattern(pattern, field.path)) continue;
      const values = valuesAt(document, field.parent ?? field.path).flatMap((value) =>
        shown(field, value, format),
      );
      if (values.length > 0) found[field.path] = values;
    }
  }
  return found;
}

function shown(field: Field, value: Json, format: string | undefined): Json[] {
  if (value === null || (isObject(value) && field.storage !== 'flattened' && field.storage !== 'none'))
    return [];
  if (field.storage === 'date') {
    const instant =
      typeof value === 'object' || typeof value === 'boolean'
        ? undefined
        : parseDate(String(value), dateFormat(field));
    if (instant === undefined) return [];
    const nanos = field.type === 'date_nanos' || format?.includes('nanos') === true ? instant.nanos : 0;
    return [printDate(instant.ms, field.type === 'date_nanos' ? nanos : 0, format ?? dateFormat(field))];
  }
  if (field.storage === 'string') {
    const above = field.parameters['ignore_above'];
    return typeof above === 'number' && String(value).length > above ? [] : [String(value)];
  }
  if ((field.storage === 'long' || field.storage === 'double') && typeof value === 'string') {
    const number = Number(value);
    return Number.isFinite(number) ? [number] : [];
  }
  return [value];
}

/** The scalars (and objects) at a dotted path, through arrays and dotted keys. */
export function valuesAt(value: Json, path: string): Json[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  if (path === '') return [value];
  if (!isObject(value)) return [];
  const found: Json[] = [];
  for (let end = path.indexOf('.'); ; end = path.indexOf('.', end + 1)) {
    const name = end < 0 ? path : path.slice(0, end);
    const inner = Object.hasOwn(value, name) ? value[name] : undefined;
    if (inner !== undefined) found.push(...valuesAt(inner, end < 0 ? '' : path.slice(end + 1)));
    if (end < 0) return found;
  }
}
