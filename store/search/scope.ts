/** The tables a search reads: every table of the chosen indices in the days the query can match. */
import type { Index } from '../catalog/catalog.js';
import { defaultFields } from '../catalog/settings.js';
import type { Query } from '../query/ast.js';
import { timeSpanOf } from '../query/date-condition.js';
import type { Parameters } from '../query/parameters.js';
import { conditionOf } from '../query/predicate.js';
import { Table } from '../query/table.js';
import type { Database } from '../segment/database.js';
import type { DayFile } from '../segment/day-file.js';

/** One table in the scope of a search. */
export interface ScopeTable {
  index: Index;
  day: DayFile;
  /** Its name in SQL. */
  name: string;
  columns: ReadonlySet<string>;
}

/** The tables of a search, kept attached until {@link Scope.release}. */
export class Scope {
  readonly tables: readonly ScopeTable[];
  readonly indices: readonly Index[];
  readonly nowMs: number;
  private readonly days: readonly DayFile[];

  private constructor(tables: ScopeTable[], indices: readonly Index[], days: DayFile[], nowMs: number) {
    this.tables = tables;
    this.indices = indices;
    this.days = days;
    this.nowMs = nowMs;
  }

  /** Attaches what a query needs. */
  static async open(
    database: Database,
    indices: readonly Index[],
    query: Query,
    nowMs: number,
  ): Promise<Scope> {
    const days: DayFile[] = [];
    const tables: ScopeTable[] = [];
    try {
      const byDay = new Map<string, Index[]>();
      for (const index of indices) {
        const span = timeSpanOf(query, index, nowMs);
        for (const day of index.days) {
          if (!isWithin(day, span.lowMs, span.highMs)) continue;
          byDay.set(day, [...(byDay.get(day) ?? []), index]);
        }
      }
      for (const [name, members] of [...byDay].sort(([a], [b]) => (a < b ? 1 : -1))) {
        const day = await database.day(name);
        days.push(day);
        for (const index of members) {
          const columns = day.columns(index.number);
          if (columns !== undefined) tables.push({ index, day, name: day.table(index.number), columns });
        }
      }
      return new Scope(tables, indices, days, nowMs);
    } catch (error) {
      for (const day of days) day.release();
      throw error;
    }
  }

  /** A table as conditions are compiled against it. */
  compiled(table: ScopeTable, parameters: Parameters): Table {
    return new Table(table.index, table.columns, defaultFields(table.index.settings), parameters, this.nowMs);
  }

  /** The tables that can match, each with its condition. */
  matching(
    query: Query,
    parameters: Parameters,
    tables: readonly ScopeTable[] = this.tables,
  ): { table: ScopeTable; compiled: Table; condition: string }[] {
    return tables.flatMap((table) => {
      const compiled = this.compiled(table, parameters);
      const condition = conditionOf(query, compiled);
      return condition === 'FALSE' ? [] : [{ table, compiled, condition }];
    });
  }

  release(): void {
    for (const day of this.days) day.release();
  }
}

const DAY_MS = 86_400_000;

function isWithin(day: string, lowMs: number, highMs: number): boolean {
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(start) || (start <= highMs && start + DAY_MS > lowMs);
}
