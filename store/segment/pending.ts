/**
 * Documents that are journalled and not yet in a day file. They are found by id at once and by a
 * search after the next flush.
 */
import type { Index } from '../catalog/catalog.js';
import type { DocumentValues } from '../mapping/document.js';
import { columnName, columnType, listColumnName } from '../mapping/field.js';
import type { Stored } from '../mapping/value.js';
import type { StoredIdentity } from './day-file.js';

/** A document, or the removal of one, that waits for the flush. */
export interface PendingDocument {
  index: Index;
  id: string;
  sequence: number;
  version: number;
  day: string;
  /** `undefined` for a removal. */
  source: string | undefined;
  values: DocumentValues;
  /** The row in a day file that this replaces or removes. */
  supersedes: StoredIdentity | undefined;
}

/** A set of pending documents; the last word on each id. */
export class PendingSet {
  readonly byIndex = new Map<Index, Map<string, PendingDocument>>();
  /** Days that a flush which then failed has written already. */
  readonly flushedDays = new Set<string>();
  documents = 0;
  bytes = 0;

  get(index: Index, id: string): PendingDocument | undefined {
    return this.byIndex.get(index)?.get(id);
  }

  put(document: PendingDocument): void {
    let documents = this.byIndex.get(document.index);
    if (documents === undefined) {
      documents = new Map();
      this.byIndex.set(document.index, documents);
    }
    const before = documents.get(document.id);
    if (before !== undefined) {
      document.supersedes = before.supersedes;
      documents.delete(document.id);
    }
    documents.set(document.id, document);
    this.documents++;
    this.bytes += (document.source?.length ?? 0) + 200;
  }

  drop(index: Index): void {
    this.byIndex.delete(index);
  }
}

/** The columns of a document's values, and their types. */
export function columnsOf(values: DocumentValues, columns: Map<string, string>): void {
  for (const [field, value] of values) {
    const type = columnType(field.storage);
    if (Array.isArray(value) || field.storage === 'flattened')
      columns.set(listColumnName(field), `${type}[]`);
    else columns.set(columnName(field), type);
  }
}

/** A document as one line of NDJSON for DuckDB's reader. */
export function rowText(document: PendingDocument): string {
  let text = `{"q":${document.sequence},"i":${JSON.stringify(document.id)},"v":${document.version},"s":${JSON.stringify(document.source)}`;
  for (const [field, value] of document.values) {
    if (Array.isArray(value)) text += `,"${listColumnName(field)}":[${value.map(valueText).join(',')}]`;
    else if (field.storage === 'flattened') text += `,"${listColumnName(field)}":[${valueText(value)}]`;
    else text += `,"${columnName(field)}":${valueText(value)}`;
  }
  return `${text}}\n`;
}

function valueText(value: Stored): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
