/**
 * Field names with dots in them. The index reads `{"a.b":1}` as `{"a":{"b":1}}`, so that a record
 * with both a value `a` and a field `a.b` has no place for one of them. Here every dotted key becomes
 * nested, and the one that clashes goes to `labels` with underscores for its dots: kept, findable,
 * and no reason to refuse the record.
 */
import { isJsonObject, type JsonObject } from './document.js';

/** Nesting that is looked into; the index itself takes 20 levels. */
const DEPTH_MAX = 20;

/** Whether expanding would change the record: a dotted key at the top or among the labels. */
export function hasDottedKeys(record: JsonObject): boolean {
  for (const key in record) if (key.includes('.')) return true;
  const labels = record['labels'];
  if (isJsonObject(labels)) for (const key in labels) if (key.includes('.')) return true;
  return false;
}

/** A copy of the record without dots in its keys. */
export function expandDottedKeys(record: JsonObject): JsonObject {
  const clashes: [string, unknown][] = [];
  const { labels, ...rest } = record;
  const expanded = expand(rest, clashes, 0);
  if (isJsonObject(labels)) {
    for (const [key, value] of Object.entries(labels)) clashes.push([key, value]);
  } else if (labels !== undefined) {
    clashes.push(['value', labels]);
  }
  for (const [key, value] of clashes) addLabel(expanded, key, value);
  return expanded;
}

/** Puts a value under `labels`, under a name without dots that is still free there. */
export function addLabel(record: JsonObject, key: string, value: unknown): void {
  const present = record['labels'];
  const labels: JsonObject = isJsonObject(present) ? present : {};
  record['labels'] = labels;
  let name = key.replaceAll('.', '_');
  if (name === '' || name === '__proto__') name = '_';
  while (Object.hasOwn(labels, name)) name += '_';
  labels[name] = isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : value;
}

function expand(source: JsonObject, clashes: [string, unknown][], depth: number): JsonObject {
  const target: JsonObject = {};
  const dotted: [string, unknown][] = [];
  for (const [key, value] of Object.entries(source)) {
    if (key.includes('.')) dotted.push([key, value]);
    else if (key === '' || key === '__proto__') clashes.push([key, value]);
    else target[key] = expandValue(value, clashes, depth);
  }
  for (const [key, value] of dotted) {
    if (!place(target, key.split('.'), expandValue(value, clashes, depth))) clashes.push([key, value]);
  }
  return target;
}

function expandValue(value: unknown, clashes: [string, unknown][], depth: number): unknown {
  return isJsonObject(value) && depth < DEPTH_MAX ? expand(value, clashes, depth + 1) : value;
}

/** Sets `target.a.b.c`; false, and nothing changed, where something else is in the way. */
function place(target: JsonObject, path: string[], value: unknown): boolean {
  if (path.some((word) => word === '' || word === '__proto__') || path.length > DEPTH_MAX) return false;
  let parent = target;
  for (const word of path.slice(0, -1)) {
    const next = Object.hasOwn(parent, word) ? parent[word] : {};
    if (!isJsonObject(next)) return false;
    parent[word] = next;
    parent = next;
  }
  const last = path.at(-1)!;
  if (!Object.hasOwn(parent, last)) {
    parent[last] = value;
    return true;
  }
  const present = parent[last];
  if (!isJsonObject(present) || !isJsonObject(value)) return present === value;
  for (const key of Object.keys(value)) if (Object.hasOwn(present, key)) return false;
  Object.assign(present, value);
  return true;
}
