/**
 * Turns a query tree into a condition on one table of one index. Where the mapping has no such field,
 * or the table no such column, nothing matches. Column names are made of field numbers; every value is
 * a bound parameter.
 */

import { matchesPattern } from '../json.js';
import type { Field } from '../mapping/field.js';
import { isSearchable } from '../mapping/field.js';
import type { Query } from './ast.js';
import { fieldCondition } from './field-condition.js';
import type { Leaf } from './leaf.js';
import { FLATTENED_KEY, type Table, type Target } from './table.js';

/** The condition that a row of the table matches. May be NULL where it is false. */
export function conditionOf(query: Query, table: Table): string {
  switch (query.kind) {
    case 'all':
      return 'TRUE';
    case 'none':
      return 'FALSE';
    case 'bool':
      return bool(query, table);
    case 'exists':
      return exists(query.field, table);
    case 'ids':
      return query.values.length === 0
        ? 'FALSE'
        : `i IN (${query.values.map((id) => table.parameters.add(id)).join(',')})`;
    case 'term':
      return overFields([query.field], table, {
        kind: 'term',
        value: query.value,
        ignoreCase: query.ignoreCase,
        isLenient: false,
      });
    case 'terms':
      return overFields([query.field], table, { kind: 'terms', values: query.values, isLenient: false });
    default:
      return overFields(
        query.fields === 'default' ? table.defaultFields : query.fields,
        table,
        leafOf(query),
      );
  }
}

function leafOf(
  query: Exclude<Query, { kind: 'all' | 'none' | 'bool' | 'exists' | 'ids' | 'term' | 'terms' }>,
): Leaf {
  const { fields, ...leaf } = query;
  const isMany = fields === 'default' || fields.length > 1 || fields.some((field) => field.includes('*'));
  return 'isLenient' in leaf ? leaf : { ...leaf, isLenient: isMany };
}

function bool(query: Extract<Query, { kind: 'bool' }>, table: Table): string {
  const parts = query.all.map((each) => conditionOf(each, table));
  if (query.any.length > 0 && query.anyCountMin > 0) {
    const any = query.any.map((each) => conditionOf(each, table));
    if (query.anyCountMin > any.length) parts.push('FALSE');
    else if (query.anyCountMin === 1) parts.push(`(${any.join(' OR ')})`);
    else
      parts.push(
        `(${any.map((each) => `CASE WHEN ${each} THEN 1 ELSE 0 END`).join(' + ')}) >= ${query.anyCountMin}`,
      );
  } else if (query.anyCountMin > query.any.length) parts.push('FALSE');
  for (const each of query.none) {
    const condition = conditionOf(each, table);
    parts.push(condition === 'FALSE' ? 'TRUE' : `(${condition}) IS NOT TRUE`);
  }
  const wanted = parts.filter((part) => part !== 'TRUE');
  if (wanted.includes('FALSE')) return 'FALSE';
  return wanted.length === 0 ? 'TRUE' : `(${wanted.join(' AND ')})`;
}

function overFields(names: readonly string[], table: Table, leaf: Leaf): string {
  const conditions = new Set<string>();
  for (const name of names) {
    for (const target of targetsOf(name, table)) {
      const condition = fieldCondition(target, table, leaf);
      if (condition !== 'FALSE') conditions.add(condition);
    }
  }
  if (conditions.has('TRUE')) return 'TRUE';
  return conditions.size === 0 ? 'FALSE' : `(${[...conditions].join(' OR ')})`;
}

/** What a field's name in a query stands for in this table. */
function targetsOf(name: string, table: Table): Target[] {
  if (name === '_id' || name === '_index') return [{ meta: name }];
  if (name.includes('*')) {
    const fields = [...table.mapping.fields.values()];
    return fields
      .filter((field) => isSearchable(field) && matchesPattern(name, field.path))
      .map((field) => ({ field }));
  }
  const field = table.mapping.fields.get(name);
  if (field !== undefined) return [{ field }];
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const parent = table.mapping.fields.get(name.slice(0, dot));
    if (parent?.storage === 'flattened') return [{ field: parent, key: name.slice(dot + 1) }];
  }
  return [];
}

function exists(name: string, table: Table): string {
  if (name === '_id' || name === '_index' || name === '*') return 'TRUE';
  const targets = targetsOf(name, table);
  const under = [...table.mapping.fields.values()].filter(
    (field) => field.path.startsWith(`${name}.`) && field.parent === undefined,
  );
  const fields: { field: Field; key?: string }[] = [
    ...targets.flatMap((target) => ('field' in target ? [target] : [])),
    ...(table.mapping.objects.has(name) ? under.map((field) => ({ field })) : []),
  ];
  const conditions = fields.flatMap(({ field, key }) => present(field, key, table));
  return conditions.length === 0 ? 'FALSE' : `(${conditions.join(' OR ')})`;
}

function present(field: Field, key: string | undefined, table: Table): string[] {
  const { only, list } = table.columnsOf(field);
  if (key !== undefined) {
    if (list === undefined) return [];
    return [
      `len(list_filter(${list}, lambda x: starts_with(x, ${table.parameters.add(key + FLATTENED_KEY)}))) > 0`,
    ];
  }
  return [
    ...(only === undefined ? [] : [`${only} IS NOT NULL`]),
    ...(list === undefined ? [] : [`${list} IS NOT NULL`]),
  ];
}
