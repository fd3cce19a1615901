/** Finds the hits of a search: total, the page of rows in order, and the documents for them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { JsonObject } from '../json.js';
import type { Query } from '../query/ast.js';
import { both } from '../query/dsl.js';
import { Parameters } from '../query/parameters.js';
import { fieldValues, filteredSource } from './document-fields.js';
import { highlighter } from './highlight.js';
import type { SearchRequest } from './request.js';
import type { Scope, ScopeTable } from './scope.js';
import { afterCondition, keyExpression, orderBy, sortValueText, type TypedKey, typedKeys } from './sort.js';

/** A row of the page. */
interface Row {
  table: ScopeTable;
  sequence: bigint;
  keys: unknown[];
}

/** Counts what matches, to a limit beyond which it need not be exact. */
export async function countHits(
  connection: DuckDBConnection,
  scope: Scope,
  query: Query,
  limit = Number.POSITIVE_INFINITY,
): Promise<number> {
  const parameters = new Parameters();
  const counts = scope
    .matching(query, parameters)
    .map(({ table, condition }) =>
      Number.isFinite(limit) && condition !== 'TRUE'
        ? `SELECT count(*) AS c FROM (SELECT 1 FROM ${table.name} WHERE ${condition} LIMIT ${limit})`
        : `SELECT count(*) AS c FROM ${table.name} WHERE ${condition}`,
    );
  if (counts.length === 0) return 0;
  const sql = `SELECT sum(c) FROM (${counts.join(' UNION ALL ')})`;
  const rows = await parameters.run(connection, sql);
  return Number(rows[0]?.[0] ?? 0);
}

/** A page of hits. */
export interface Page {
  /** Each hit as JSON text. */
  hits: string[];
  /** How many documents match, where finding the page has told it. */
  total: number | undefined;
}

/** Finds a page of hits. */
export async function findHits(
  connection: DuckDBConnection,
  scope: Scope,
  request: SearchRequest,
): Promise<Page> {
  const wanted = request.from + request.size;
  const keys = request.sort === undefined ? [] : typedKeys(request.sort, scope.indices);
  if (request.size === 0) return { hits: [], total: undefined };
  const query = request.postFilter === undefined ? request.query : both(request.query, request.postFilter);
  const rows: Row[] = [];
  for (const tables of batches(scope, keys)) {
    rows.push(...(await page(connection, scope, tables, query, keys, request, wanted - rows.length)));
    if (rows.length >= wanted) break;
  }
  const isAll = rows.length < wanted && request.searchAfter === undefined;
  const hits = await documents(connection, rows.slice(request.from), keys, request);
  return { hits, total: isAll ? rows.length : undefined };
}

/**
 * The tables in the groups they are read in. When time comes first in the order, day by day, so that
 * the search can stop early; else all at once.
 */
function batches(scope: Scope, keys: readonly TypedKey[]): ScopeTable[][] {
  const [first] = keys;
  const isByTime =
    first !== undefined && first.field === '@timestamp' && first.isDate && first.missing === '_last';
  if (!isByTime) return [[...scope.tables]];
  const byDay = new Map<string, ScopeTable[]>();
  for (const table of scope.tables) byDay.set(table.day.name, [...(byDay.get(table.day.name) ?? []), table]);
  const days = [...byDay.keys()].sort((a, b) => (a < b ? -1 : 1) * (first.isDescending ? -1 : 1));
  const dated = days.filter((day) => day !== 'undated');
  if (byDay.has('undated')) {
    // Its documents can have any time outside the calendar, or none.
    return [[...scope.tables]];
  }
  return dated.map((day) => byDay.get(day) ?? []);
}

async function page(
  connection: DuckDBConnection,
  scope: Scope,
  tables: readonly ScopeTable[],
  query: Query,
  keys: readonly TypedKey[],
  request: SearchRequest,
  limit: number,
): Promise<Row[]> {
  const parameters = new Parameters();
  const order = orderBy(keys);
  const branches = scope.matching(query, parameters, tables).map(({ table, compiled, condition }) => {
    const columns = keys.map((key, position) => `, ${keyExpression(key, compiled)} AS k${position}`).join('');
    const rows = `SELECT q, ${scope.tables.indexOf(table)} AS t${columns} FROM ${table.name} WHERE ${condition}`;
    const after =
      request.searchAfter === undefined
        ? ''
        : ` WHERE ${afterCondition(keys, request.searchAfter, parameters)}`;
    return `(SELECT * FROM (${rows})${after} ORDER BY ${order} LIMIT ${limit})`;
  });
  if (branches.length === 0) return [];
  const sql =
    branches.length === 1
      ? (branches[0] ?? '')
      : `SELECT * FROM (${branches.join(' UNION ALL ')}) ORDER BY ${order} LIMIT ${limit}`;
  const found = await parameters.run(connection, sql);
  return found.flatMap(([sequence, number, ...values]) => {
    const table = scope.tables[Number(number)];
    return table === undefined ? [] : [{ table, sequence: BigInt(sequence as bigint), keys: values }];
  });
}

interface StoredDocument {
  id: string;
  version: number;
  source: string;
}

async function documents(
  connection: DuckDBConnection,
  rows: readonly Row[],
  keys: readonly TypedKey[],
  request: SearchRequest,
): Promise<string[]> {
  const byTable = new Map<ScopeTable, bigint[]>();
  for (const { table, sequence } of rows) byTable.set(table, [...(byTable.get(table) ?? []), sequence]);
  const stored = new Map<bigint, StoredDocument>();
  for (const [table, sequences] of byTable) {
    const sorted = [...sequences].sort((a, b) => (a < b ? -1 : 1));
    const sql = `SELECT q, i, v, s FROM ${table.name} WHERE q >= ${sorted[0]} AND q <= ${sorted.at(-1)} AND q IN (${sorted.join(',')})`;
    for (const [sequence, id, version, source] of (await connection.runAndReadAll(sql)).getRowsJS()) {
      stored.set(BigInt(sequence as bigint), {
        id: String(id),
        version: Number(version),
        source: String(source),
      });
    }
  }
  const highlight =
    request.highlight === undefined ? undefined : highlighter(request.highlight, request.query);
  return rows.flatMap((row) => {
    const document = stored.get(row.sequence);
    return document === undefined ? [] : [hitText(row, document, keys, request, highlight)];
  });
}

function hitText(
  row: Row,
  document: StoredDocument,
  keys: readonly TypedKey[],
  request: SearchRequest,
  highlight: ReturnType<typeof highlighter> | undefined,
): string {
  const { index } = row.table;
  const scoreKey = keys.find((key) => key.type === 'constant');
  let text = `{"_index":${JSON.stringify(index.name)},"_id":${JSON.stringify(document.id)}`;
  if (request.withVersion) text += `,"_version":${document.version}`;
  if (request.withSequence) text += `,"_seq_no":${row.sequence},"_primary_term":1`;
  text += `,"_score":${keys.length === 0 || scoreKey !== undefined ? '1.0' : 'null'}`;
  const source = filteredSource(document.source, request.source);
  if (source !== undefined) text += `,"_source":${source}`;
  if (request.fields.length > 0 || request.docvalueFields.length > 0 || highlight !== undefined) {
    const parsed = JSON.parse(document.source) as JsonObject;
    const values = fieldValues(index, parsed, [...request.docvalueFields, ...request.fields]);
    if (Object.keys(values).length > 0) text += `,"fields":${JSON.stringify(values)}`;
    const marked = highlight?.(index, parsed);
    if (marked !== undefined) text += `,"highlight":${JSON.stringify(marked)}`;
  }
  if (keys.length > 0)
    text += `,"sort":[${keys.map((key, position) => sortValueText(key, row.keys[position])).join(',')}]`;
  return `${text}}`;
}
