/**
 * The rows an aggregation works on: one SELECT over every table in scope whose columns are the values
 * that the aggregations name, brought to one type over all indices.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Index } from '../catalog/catalog.js';
import { illegalArgument } from '../errors.js';
import { type Field, hasDocValues } from '../mapping/field.js';
import type { Query } from '../query/ast.js';
import { Parameters } from '../query/parameters.js';
import { conditionOf } from '../query/predicate.js';
import type { Table } from '../query/table.js';
import type { Scope } from '../search/scope.js';
import { noDocValues } from '../search/sort.js';

/** The one type a field's values have over all indices. */
type ValueType = 'long' | 'double' | 'date' | 'boolean' | 'text' | 'ip' | 'none';

/** A column of the base. */
export interface BaseColumn {
  /** Its name in SQL. */
  name: string;
  type: ValueType;
  /** Whether it holds lists. */
  isList: boolean;
  /** The field, as one index maps it. */
  field: Field | undefined;
}

const SQL_TYPE: Readonly<Record<ValueType, string>> = {
  long: 'BIGINT',
  double: 'DOUBLE',
  date: 'BIGINT',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  ip: 'VARCHAR',
  none: 'VARCHAR',
};

/** Names temporary tables apart over all connections. */
let nextBase = 1;

/** The base of one search's aggregations. */
export class Base {
  readonly scope: Scope;
  private readonly query: Query;
  private readonly columns = new Map<string, BaseColumn>();
  private readonly conditions = new Map<Query, string>();
  /** The table's name once {@link materialise} has run. */
  name = '';

  constructor(scope: Scope, query: Query) {
    this.scope = scope;
    this.query = query;
  }

  /** The column of a field's values. @throws ApiError for a text field */
  column(path: string): BaseColumn {
    const known = this.columns.get(path);
    if (known !== undefined) return known;
    const fields = this.scope.indices.flatMap((index) => fieldOf(index, path));
    const isList = this.scope.tables.some((table) => {
      const field = table.index.mapping.fields.get(path);
      return field !== undefined && table.columns.has(`m${field.number}`);
    });
    const column = { name: `a${this.columns.size}`, type: valueType(fields), isList, field: fields[0] };
    this.columns.set(path, column);
    return column;
  }

  /** The boolean column of a filter. */
  condition(query: Query): string {
    const known = this.conditions.get(query);
    if (known !== undefined) return known;
    const name = `c${this.conditions.size}`;
    this.conditions.set(query, name);
    return name;
  }

  /** Where the rows come from: the temporary table, or the SELECT itself. */
  rows(parameters: Parameters): string {
    return this.name === '' ? `(${this.select(parameters)})` : this.name;
  }

  /** Reads the rows into a temporary table on a connection. Drop it with {@link drop}. */
  async materialise(connection: DuckDBConnection): Promise<void> {
    const parameters = new Parameters();
    const select = this.select(parameters);
    const name = `base${nextBase++}`;
    await parameters.run(connection, `CREATE TEMP TABLE ${name} AS ${select}`);
    this.name = `temp.${name}`;
  }

  private select(parameters: Parameters): string {
    const branches = this.scope.matching(this.query, parameters).map(({ table, compiled, condition }) => {
      return `SELECT ${this.selected(compiled, parameters)} FROM ${table.name} WHERE ${condition}`;
    });
    if (branches.length > 0) return branches.join(' UNION ALL ');
    const empty = [...this.columns.values()].map(
      (each) => `NULL::${SQL_TYPE[each.type]}${each.isList ? '[]' : ''} AS ${each.name}`,
    );
    return `SELECT ${['TRUE AS present', ...empty, ...[...this.conditions.values()].map((each) => `FALSE AS ${each}`)].join(', ')} WHERE FALSE`;
  }

  async drop(connection: DuckDBConnection): Promise<void> {
    if (this.name !== '') await connection.run(`DROP TABLE IF EXISTS ${this.name}`);
  }

  private selected(table: Table, parameters: Parameters): string {
    const values = [...this.columns].map(
      ([path, column]) => `${valueSql(path, column, table)} AS ${column.name}`,
    );
    const conditions = [...this.conditions].map(
      ([query, name]) => `coalesce(${bound(query, table, parameters)}, FALSE) AS ${name}`,
    );
    return ['TRUE AS present', ...values, ...conditions].join(', ');
  }

  /** The values a field has in the tables in scope, whether or not their document matches the query. */
  async allValues(connection: DuckDBConnection, path: string, limit: number): Promise<unknown[]> {
    const column = this.column(path);
    const branches = this.scope.tables.map((table) => {
      const value = valueSql(path, column, this.scope.compiled(table, new Parameters()));
      return `SELECT ${column.isList ? `unnest(${value})` : value} AS v FROM ${table.name}`;
    });
    if (branches.length === 0) return [];
    const sql = `SELECT DISTINCT v FROM (${branches.join(' UNION ALL ')}) WHERE v IS NOT NULL ORDER BY v LIMIT ${limit}`;
    return (await connection.runAndReadAll(sql)).getRowsJS().map((row) => row[0]);
  }
}

function bound(query: Query, table: Table, parameters: Parameters): string {
  if (table.parameters !== parameters)
    throw new Error('a condition is compiled with the parameters of its statement');
  return conditionOf(query, table);
}

function fieldOf(index: Index, path: string): Field[] {
  const field = index.mapping.fields.get(path);
  if (field === undefined) return [];
  if (!hasDocValues(field)) throw noDocValues(field, index.name);
  return [field];
}

function valueType(fields: readonly Field[]): ValueType {
  const types = new Set(
    fields.map(
      (field): ValueType =>
        field.storage === 'string' || field.storage === 'flattened' ? 'text' : (field.storage as ValueType),
    ),
  );
  if (types.size === 0) return 'none';
  if (types.size === 1) return [...types][0] ?? 'none';
  if (types.has('text') || types.has('ip')) return 'text';
  if (types.has('date'))
    throw illegalArgument(
      `field [${fields[0]?.path ?? ''}] is a date in one index and not in another: search them apart`,
    );
  return 'double';
}

function valueSql(path: string, column: BaseColumn, table: Table): string {
  const type = SQL_TYPE[column.type];
  const field = table.mapping.fields.get(path);
  if (field === undefined) return column.isList ? `NULL::${type}[]` : `NULL::${type}`;
  const { only, list } = table.columnsOf(field);
  const toMs = (value: string): string => (field.type === 'date_nanos' ? `(${value} // 1000000)` : value);
  const one = only === undefined ? `NULL::${type}` : `${toMs(only)}::${type}`;
  if (!column.isList) return one;
  const single =
    only === undefined ? `NULL::${type}[]` : `CASE WHEN ${only} IS NULL THEN NULL ELSE [${one}] END`;
  if (list === undefined) return single;
  const many = field.type === 'date_nanos' ? `list_transform(${list}, lambda x: x // 1000000)` : list;
  return `coalesce(${many}::${type}[], ${single})`;
}
