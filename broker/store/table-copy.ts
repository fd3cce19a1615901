/** Copies rows from a damaged database into a new one: whole tables, from either end as far as it goes. */
import type { Database, Statement } from 'better-sqlite3';
import { codeOf, DataDirectoryError } from './data-directory-error.js';
import { decodes } from './database-check.js';
import { isUnreadable, type SalvageSource } from './salvage-source.js';

/** The tables that are read as a whole, in the order of the tree that they are. */
const KEYS = {
  exchange: ['virtual_host', 'name'],
  queue: ['id'],
  binding: ['id'],
  user: ['name'],
  definition: ['kind', 'key'],
  purge: ['rowid'],
} as const;
const BINDING_KEY = ['source', 'kind', 'destination', 'routing_key', 'arguments'] as const;
/** A table of arguments with nothing in it. */
export const EMPTY_ARGUMENTS = Buffer.alloc(4).toString('base64');

export type Row = Record<string, unknown>;

export class TableCopy {
  /** Tables that could not be read to their end. */
  readonly broken = new Set<string>();
  private readonly source: SalvageSource;
  private readonly target: Database;
  private readonly remarks: string[];

  constructor(source: SalvageSource, target: Database, remarks: string[]) {
    this.source = source;
    this.target = target;
    this.remarks = remarks;
  }

  /** Copies everything but entries and messages. */
  copyAll(): void {
    for (const table of Object.keys(KEYS) as (keyof typeof KEYS)[]) this.copy(table);
  }

  /** From either end, as far as it goes. */
  private copy(table: keyof typeof KEYS): void {
    const columns = this.columns(table);
    // An older format has not every table, and bindings without numbers.
    if (columns.length === 0) return;
    // Those of a new database are there already.
    if (table === 'definition') this.target.exec('DELETE FROM definition');
    const insert = this.inserter(table, columns);
    const numbered = table !== 'binding' || columns.includes('id');
    const key = (numbered ? KEYS[table] : BINDING_KEY).filter(
      (name) => name === 'rowid' || columns.includes(name),
    );
    for (const [index, order] of ['ASC', 'DESC'].entries()) {
      const by = key.map((column) => `${column} ${order}`).join(', ');
      try {
        const read = this.source.database.prepare<[], Row>(
          `SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${by}`,
        );
        for (const row of read.iterate()) this.put(table, insert, row);
        return;
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        this.broken.add(table);
        if (index === 0) this.remarks.push(`some rows of the table ${table} could not be read`);
      }
    }
  }

  /** Writes a row as far as it makes sense. */
  put(table: string, insert: Statement, row: Row): void {
    const changed = { ...row };
    if (typeof row['arguments'] === 'string' && !decodes(row['arguments'])) {
      const name = row['name'] ?? row['source'];
      this.remarks.push(`the arguments of ${table} '${name}' could not be read and are empty now`);
      changed['arguments'] = EMPTY_ARGUMENTS;
    }
    if (!write(() => insert.run(changed))) {
      this.remarks.push(`a row of the table ${table} makes no sense and is left out`);
    }
  }

  /** Those that the table has in both. */
  columns(table: string): string[] {
    const names = (database: Database): string[] =>
      (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    const there = new Set(names(this.source.database));
    return names(this.target).filter((name) => there.has(name));
  }

  inserter(table: string, columns: readonly string[]): Statement {
    const values = columns.map((name) => `@${name}`);
    return this.target.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})`,
    );
  }
}

/** Writes a row; returns whether it fits its table. @throws DataDirectoryError when nothing can be written */
export function write(insert: () => void): boolean {
  try {
    insert();
    return true;
  } catch (cause) {
    if (codeOf(cause).startsWith('SQLITE_CONSTRAINT')) return false;
    throw new DataDirectoryError(
      'ERR_WARREN_DATA_DIRECTORY',
      `cannot write what is saved (${codeOf(cause)}); the damaged database was left as it is`,
      cause,
    );
  }
}
