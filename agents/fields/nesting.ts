/** Nested fields of a record: on the wire there are objects, never names with dots. */
import type { LogRecord } from '../record.js';

/** Levels of nesting that a name with dots may ask for; more dots than that stay in the last name. */
const DEPTH_MAX = 8;

/** Whether a value is an object and no array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Sets a nested field, unless a plain value is in the way or the field is there already.
 *
 * @returns whether it was set
 */
export function setNested(record: LogRecord, path: readonly string[], value: unknown): boolean {
  let parent: Record<string, unknown> = record;
  for (const name of path.slice(0, -1)) {
    if (name === '__proto__') return false;
    const child = parent[name] ?? {};
    if (!isObject(child)) return false;
    parent[name] = child;
    parent = child;
  }
  const last = path[path.length - 1];
  if (last === undefined || last === '__proto__' || parent[last] !== undefined) return false;
  parent[last] = value;
  return true;
}

/** The parts of a name with dots; empty parts count as nothing. */
export function pathOf(name: string): string[] {
  const parts = name.split('.').filter((part) => part !== '');
  if (parts.length <= DEPTH_MAX) return parts;
  return [...parts.slice(0, DEPTH_MAX - 1), parts.slice(DEPTH_MAX - 1).join('_')];
}

/** Merges an object into a field of the record; what the record has already stays. */
export function mergeInto(record: LogRecord, name: string, value: Record<string, unknown>): void {
  const existing = record[name];
  record[name] = isObject(existing) ? { ...value, ...existing } : value;
}

/** Keeps a plain value that has no place of its own: as a label, which is always text. */
export function addLabel(record: LogRecord, name: string, value: unknown): void {
  record.labels = { ...record.labels, [name]: typeof value === 'string' ? value : JSON.stringify(value) };
}
