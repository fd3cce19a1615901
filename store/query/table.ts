/** What a condition is compiled against: one index's table in one day file. */
import { columnName, type Field, isSearchable, listColumnName } from '../mapping/field.js';
import type { Mapping } from '../mapping/mapping.js';
import type { Parameters } from './parameters.js';

/** Between the key and the value of an entry of a `flattened` field. */
export const FLATTENED_KEY = '\0';

/** A field, a key of a flattened field, or a metadata field. */
export type Target = { field: Field; key?: string } | { meta: '_id' | '_index' };

/** A table that is searched. */
export class Table {
  readonly indexName: string;
  /** The data stream the index belongs to. */
  readonly streamName: string | undefined;
  readonly mapping: Mapping;
  readonly parameters: Parameters;
  readonly nowMs: number;
  private readonly columns: ReadonlySet<string>;
  private readonly defaults: readonly string[];

  constructor(
    index: { name: string; dataStream?: string; mapping: Mapping },
    columns: ReadonlySet<string>,
    defaults: readonly string[],
    parameters: Parameters,
    nowMs: number,
  ) {
    this.indexName = index.name;
    this.streamName = index.dataStream;
    this.mapping = index.mapping;
    this.columns = columns;
    this.defaults = defaults;
    this.parameters = parameters;
    this.nowMs = nowMs;
  }

  /** The columns of a field that the table has. */
  columnsOf(field: Field): { only: string | undefined; list: string | undefined } {
    const only = columnName(field);
    const list = listColumnName(field);
    return {
      only: this.columns.has(only) ? only : undefined,
      list: this.columns.has(list) ? list : undefined,
    };
  }

  /** The fields searched when none is named. */
  get defaultFields(): readonly string[] {
    if (this.defaults.length !== 1 || this.defaults[0] !== '*') return this.defaults;
    return [...this.mapping.fields.values()].filter(isSearchable).map((field) => field.path);
  }
}
