/**
 * One UTC day's DuckDB file: a table for each index, `t<number>`, with the columns
 * `q` (sequence number), `i` (id), `v` (version), `s` (the source), and for a field numbered n `f<n>`
 * (its only value) and, once a document has several, `m<n>` (the list of them).
 *
 * Every identifier is made here of numbers; no user's text is ever part of the SQL.
 */
import { rm } from 'node:fs/promises';
import { BIGINT, type DuckDBConnection, VARCHAR } from '@duckdb/node-api';
import { StoreError } from '../errors.js';
import { emptyRange, type IdentityRange, idTimeMs, widen } from './identity-range.js';

/** The format of a day file. */
const FORMAT_VERSION = 1;
const FIXED_COLUMNS = 'q BIGINT, i VARCHAR, v BIGINT, s VARCHAR USING COMPRESSION zstd';
const FIXED_TYPES = { q: 'BIGINT', i: 'VARCHAR', v: 'BIGINT', s: 'VARCHAR' };

/** Where a document is stored. */
export interface StoredIdentity {
  day: string;
  sequence: number;
  version: number;
}

/** What one flush changes in one index's table. */
export interface TableChange {
  indexNumber: number;
  /** Sequence numbers of rows that go. */
  deleted: number[];
  /** A file of NDJSON rows, with the columns they have besides the fixed ones. */
  rows:
    | { file: string; columns: ReadonlyMap<string, string>; rowBytesMax: number; ids: readonly string[] }
    | undefined;
}

interface Table {
  columns: Set<string>;
  ids: IdentityRange;
}

/** One attached day file. */
export class DayFile {
  readonly name: string;
  /** The schema's name in SQL. */
  readonly alias: string;
  /** Searches and flushes that are using the file. */
  users = 0;
  usedAt = 0;
  private readonly path: string;
  private readonly tables: Map<number, Table>;

  private constructor(name: string, alias: string, path: string, tables: Map<number, Table>) {
    this.name = name;
    this.alias = alias;
    this.path = path;
    this.tables = tables;
  }

  /** Attaches a file, making it when it is not there. @throws StoreError when it is of a newer format */
  static async attach(connection: DuckDBConnection, name: string, path: string): Promise<DayFile> {
    const alias = `d${name.replace(/[^0-9a-z]/g, '_')}`;
    await connection.run(`ATTACH '${path.replaceAll("'", "''")}' AS ${alias} (STORAGE_VERSION 'v1.5.0')`);
    try {
      await connection.run(`CREATE TABLE IF NOT EXISTS ${alias}.warren_format (version INTEGER)`);
      await connection.run(
        `CREATE TABLE IF NOT EXISTS ${alias}.warren_ids (number INTEGER, low DOUBLE, high DOUBLE, has_foreign BOOLEAN)`,
      );
      const format = (
        await connection.runAndReadAll(`SELECT version FROM ${alias}.warren_format`)
      ).getRowsJS();
      if (format.length === 0)
        await connection.run(`INSERT INTO ${alias}.warren_format VALUES (${FORMAT_VERSION})`);
      else if (Number(format[0]?.[0]) > FORMAT_VERSION) {
        throw new StoreError(
          'ERR_WARREN_STORE_FORMAT',
          `${path} has format ${String(format[0]?.[0])} and this version knows ${FORMAT_VERSION}: use the newer Warren that wrote it`,
        );
      }
      return new DayFile(name, alias, path, await readTables(connection, alias));
    } catch (error) {
      await connection.run(`DETACH ${alias}`).catch(() => undefined);
      throw error;
    }
  }

  /** Gives the file back. */
  release(): void {
    this.users--;
  }

  /** The columns of an index's table; `undefined` when it has none here. */
  columns(indexNumber: number): ReadonlySet<string> | undefined {
    return this.tables.get(indexNumber)?.columns;
  }

  /** The SQL name of an index's table. */
  table(indexNumber: number): string {
    return `${this.alias}.t${indexNumber}`;
  }

  /** The range of ids in an index's table. */
  identityRange(indexNumber: number): IdentityRange {
    return this.tables.get(indexNumber)?.ids ?? emptyRange();
  }

  /** Where those of `ids` are that are in this file. */
  async find(
    connection: DuckDBConnection,
    indexNumber: number,
    ids: readonly string[],
  ): Promise<Map<string, StoredIdentity>> {
    const found = new Map<string, StoredIdentity>();
    if (!this.tables.has(indexNumber) || ids.length === 0) return found;
    const sorted = [...ids].sort();
    for (let start = 0; start < sorted.length; start += 1000) {
      const some = sorted.slice(start, start + 1000);
      const places = some.map((_, index) => `$${index + 3}`).join(',');
      const values = [some[0] ?? '', some.at(-1) ?? '', ...some];
      const sql = `SELECT i, q, v FROM ${this.table(indexNumber)} WHERE i >= $1 AND i <= $2 AND i IN (${places})`;
      const rows = (
        await connection.runAndReadAll(
          sql,
          values,
          values.map(() => VARCHAR),
        )
      ).getRowsJS();
      for (const [id, sequence, version] of rows) {
        found.set(String(id), { day: this.name, sequence: Number(sequence), version: Number(version) });
      }
    }
    return found;
  }

  /** The source of one row. */
  async source(
    connection: DuckDBConnection,
    indexNumber: number,
    sequence: number,
  ): Promise<string | undefined> {
    const sql = `SELECT s FROM ${this.table(indexNumber)} WHERE q = $1`;
    const rows = (await connection.runAndReadAll(sql, [BigInt(sequence)], [BIGINT])).getRowsJS();
    const source = rows[0]?.[0];
    return source === undefined || source === null ? undefined : String(source);
  }

  /**
   * Applies a flush's changes: first the tables get the columns they need, then all rows change in one
   * transaction. (DuckDB lets no transaction both alter a table and delete from it.)
   */
  async change(connection: DuckDBConnection, changes: readonly TableChange[]): Promise<void> {
    for (const change of changes) await this.grow(connection, change);
    const ranges: { table: Table; ids: IdentityRange }[] = [];
    await connection.run('BEGIN');
    try {
      for (const change of changes) {
        const range = await this.changeTable(connection, change);
        if (range !== undefined) ranges.push(range);
      }
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
    for (const { table, ids } of ranges) table.ids = ids;
  }

  private async grow(connection: DuckDBConnection, { indexNumber, rows }: TableChange): Promise<void> {
    if (rows === undefined) return;
    const name = this.table(indexNumber);
    let table = this.tables.get(indexNumber);
    if (table === undefined) {
      await connection.run(`CREATE TABLE IF NOT EXISTS ${name} (${FIXED_COLUMNS})`);
      table = { columns: new Set(), ids: emptyRange() };
      this.tables.set(indexNumber, table);
    }
    for (const [column, type] of rows.columns) {
      if (table.columns.has(column)) continue;
      await connection.run(`ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${column} ${type}`);
      table.columns.add(column);
    }
  }

  private async changeTable(
    connection: DuckDBConnection,
    change: TableChange,
  ): Promise<{ table: Table; ids: IdentityRange } | undefined> {
    const { indexNumber, rows, deleted } = change;
    const name = this.table(indexNumber);
    const table = this.tables.get(indexNumber);
    if (table === undefined) return undefined;
    for (let start = 0; start < deleted.length; start += 1000) {
      await connection.run(
        `DELETE FROM ${name} WHERE q IN (${deleted
          .slice(start, start + 1000)
          .map((each) => Math.trunc(each))
          .join(',')})`,
      );
    }
    if (rows === undefined) return undefined;
    const spec = [...Object.entries(FIXED_TYPES), ...rows.columns];
    const names = spec.map(([column]) => column).join(',');
    const types = spec.map(([column, type]) => `${column}:'${type}'`).join(',');
    const limit = Math.max(16_777_216, rows.rowBytesMax + 1024);
    await connection.run(
      `INSERT INTO ${name} (${names}) SELECT ${names} FROM read_json($1, format='newline_delimited', columns={${types}}, maximum_object_size=${limit})`,
      [rows.file],
    );
    const ids = { ...table.ids };
    for (const id of rows.ids) widen(ids, idTimeMs(id));
    await this.saveRange(connection, indexNumber, ids);
    return { table, ids };
  }

  private async saveRange(
    connection: DuckDBConnection,
    indexNumber: number,
    ids: IdentityRange,
  ): Promise<void> {
    await connection.run(`DELETE FROM ${this.alias}.warren_ids WHERE number = ${indexNumber}`);
    const number = (each: number): string =>
      Number.isFinite(each) ? String(each) : each > 0 ? '1e300' : '-1e300';
    await connection.run(
      `INSERT INTO ${this.alias}.warren_ids VALUES (${indexNumber}, ${number(ids.lowMs)}, ${number(ids.highMs)}, ${ids.hasForeign})`,
    );
  }

  /** Drops an index's table. Returns how many tables are left. */
  async drop(connection: DuckDBConnection, indexNumber: number): Promise<number> {
    await connection.run(`DROP TABLE IF EXISTS ${this.table(indexNumber)}`);
    this.tables.delete(indexNumber);
    return this.tables.size;
  }

  /** Checkpoints and detaches. */
  async detach(connection: DuckDBConnection): Promise<void> {
    await connection.run(`CHECKPOINT ${this.alias}`).catch(() => undefined);
    await connection.run(`DETACH ${this.alias}`);
  }

  /** Detaches and deletes the file. */
  async remove(connection: DuckDBConnection): Promise<void> {
    await connection.run(`DETACH ${this.alias}`);
    await rm(this.path, { force: true });
    await rm(`${this.path}.wal`, { force: true });
  }
}

async function readTables(connection: DuckDBConnection, alias: string): Promise<Map<number, Table>> {
  const tables = new Map<number, Table>();
  const columns = await connection.runAndReadAll(
    'SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = $1',
    [alias],
  );
  for (const [name, column] of columns.getRowsJS()) {
    const number = /^t(\d+)$/.exec(String(name))?.[1];
    if (number === undefined) continue;
    const table = tables.get(Number(number)) ?? { columns: new Set<string>(), ids: emptyRange() };
    table.columns.add(String(column));
    tables.set(Number(number), table);
  }
  const ranges = await connection.runAndReadAll(
    `SELECT number, low, high, has_foreign FROM ${alias}.warren_ids`,
  );
  for (const [number, low, high, hasForeign] of ranges.getRowsJS()) {
    const table = tables.get(Number(number));
    if (table === undefined) continue;
    table.ids = { lowMs: Number(low), highMs: Number(high), hasForeign: hasForeign === true };
  }
  return tables;
}
