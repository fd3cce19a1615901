/** The condition one leaf of a query puts on one field, by how the field is stored. */
import { ApiError } from '../errors.js';
import { matchesPattern } from '../json.js';
import type { Field } from '../mapping/field.js';
import { dateCondition } from './date-condition.js';
import type { Leaf, ValueCondition } from './leaf.js';
import { ipCondition, numberCondition, truthCondition } from './number-condition.js';
import { FLATTENED_KEY, type Table, type Target } from './table.js';
import { stringCondition, tokensCondition } from './text-condition.js';

/** The condition of a leaf on a field: on its only value, or on any of its several. */
export function fieldCondition(target: Target, table: Table, leaf: Leaf): string {
  if ('meta' in target)
    return target.meta === '_id' ? stringCondition(leaf, table)('i') : indexCondition(leaf, table);
  const { field, key } = target;
  const { only, list } = table.columnsOf(field);
  const condition = valueCondition(field, key, table, leaf);
  if (condition === undefined) return 'FALSE';
  const parts: string[] = [];
  if (only !== undefined) parts.push(condition(only));
  if (list !== undefined) parts.push(`len(list_filter(${list}, lambda x: ${condition('x')})) > 0`);
  const possible = parts.filter((part) => part !== 'FALSE');
  return possible.length === 0
    ? 'FALSE'
    : possible.length === 1
      ? (possible[0] ?? 'FALSE')
      : `(${possible.join(' OR ')})`;
}

function valueCondition(
  field: Field,
  key: string | undefined,
  table: Table,
  leaf: Leaf,
): ValueCondition | undefined {
  try {
    return storageCondition(field, key, table, leaf);
  } catch (error) {
    if (error instanceof ApiError && leaf.isLenient) return undefined;
    throw error;
  }
}

function storageCondition(
  field: Field,
  key: string | undefined,
  table: Table,
  leaf: Leaf,
): ValueCondition | undefined {
  switch (field.storage) {
    case 'string':
      return stringCondition(leaf, table);
    case 'tokens':
      return tokensCondition(leaf, table);
    case 'long':
    case 'double':
      return numberCondition(field, leaf, table);
    case 'boolean':
      return truthCondition(field, leaf, table);
    case 'date':
      return dateCondition(field, leaf, table);
    case 'ip':
      return ipCondition(field, leaf, table);
    case 'flattened':
      return flattenedCondition(key, leaf, table);
    default:
      throw new ApiError(
        400,
        'query_shard_exception',
        `failed to create query: Field [${field.path}] of type [${field.type}] does not support this query`,
      );
  }
}

/** Entries are `key NUL value`; without a key any value counts. */
function flattenedCondition(key: string | undefined, leaf: Leaf, table: Table): ValueCondition {
  const inner = stringCondition(leaf, table);
  if (key === undefined) return (value) => inner(`split_part(${value}, chr(0), 2)`);
  const start = table.parameters.add(key + FLATTENED_KEY);
  return (value) => `(starts_with(${value}, ${start}) AND ${inner(`substr(${value}, ${key.length + 2})`)})`;
}

function indexCondition(leaf: Leaf, table: Table): string {
  const names = [table.indexName, ...(table.streamName === undefined ? [] : [table.streamName])];
  const fits = (pattern: string): boolean => names.some((name) => matchesPattern(pattern, name));
  switch (leaf.kind) {
    case 'term':
      return fits(String(leaf.value)) ? 'TRUE' : 'FALSE';
    case 'terms':
      return leaf.values.some((value) => fits(String(value))) ? 'TRUE' : 'FALSE';
    case 'words':
    case 'phrase':
      return fits(leaf.text) ? 'TRUE' : 'FALSE';
    case 'pattern':
      return fits(leaf.pattern) ? 'TRUE' : 'FALSE';
    case 'prefix':
      return fits(`${leaf.value}*`) ? 'TRUE' : 'FALSE';
    default:
      throw new ApiError(
        400,
        'query_shard_exception',
        'failed to create query: this query on [_index] is not supported',
      );
  }
}
