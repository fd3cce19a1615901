/** Moves pending documents into their day files: one transaction a day, rows read by DuckDB from a file. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Index } from '../catalog/catalog.js';
import type { Database } from './database.js';
import type { TableChange } from './day-file.js';
import type { Identities } from './identity.js';
import { columnsOf, type PendingDocument, type PendingSet, rowText } from './pending.js';

/** Rows turned to text between two turns of the event loop. */
const ROWS_A_TURN = 500;

interface DayChange {
  deleted: number[];
  added: PendingDocument[];
}

/** Writes a set to the day files and remembers where its documents are. May be repeated after a failure. */
export async function flush(
  set: PendingSet,
  database: Database,
  identities: Identities,
  directory: string,
): Promise<void> {
  const days = new Map<string, Map<Index, DayChange>>();
  const changeOf = (day: string, index: Index): DayChange => {
    const indices = days.get(day) ?? new Map<Index, DayChange>();
    days.set(day, indices);
    const change = indices.get(index) ?? { deleted: [], added: [] };
    indices.set(index, change);
    return change;
  };
  for (const [index, documents] of set.byIndex) {
    for (const document of documents.values()) {
      if (document.supersedes !== undefined) {
        changeOf(document.supersedes.day, index).deleted.push(document.supersedes.sequence);
      }
      if (document.source !== undefined) changeOf(document.day, index).added.push(document);
    }
  }
  for (const [day, indices] of days) {
    if (set.flushedDays.has(day)) continue;
    await flushDay(day, indices, database, directory);
    set.flushedDays.add(day);
    for (const [index, change] of indices) {
      for (const { id, sequence, version } of change.added)
        identities.stored(index, id, { day, sequence, version });
    }
  }
  for (const [index, documents] of set.byIndex) {
    for (const document of documents.values()) {
      if (document.source === undefined) identities.removed(index, document.id);
    }
  }
}

async function flushDay(
  day: string,
  indices: Map<Index, DayChange>,
  database: Database,
  directory: string,
): Promise<void> {
  const files: string[] = [];
  const changes: TableChange[] = [];
  const file = await database.day(day);
  try {
    for (const [index, change] of indices) {
      const rows =
        change.added.length === 0
          ? undefined
          : await writeRows(change.added, join(directory, `${day}-${index.number}.ndjson`));
      if (rows !== undefined) files.push(rows.file);
      changes.push({ indexNumber: index.number, deleted: change.deleted, rows });
    }
    await file.change(database.writer, changes);
  } finally {
    file.release();
    for (const each of files) await rm(each, { force: true });
  }
}

async function writeRows(
  documents: readonly PendingDocument[],
  path: string,
): Promise<NonNullable<TableChange['rows']>> {
  const columns = new Map<string, string>();
  const ids: string[] = [];
  let rowBytesMax = 0;
  const file = await open(path, 'w', 0o600);
  try {
    for (let start = 0; start < documents.length; start += ROWS_A_TURN) {
      const lines: string[] = [];
      for (const document of documents.slice(start, start + ROWS_A_TURN)) {
        columnsOf(document.values, columns);
        const line = rowText(document);
        if (line.length * 3 > rowBytesMax) rowBytesMax = line.length * 3;
        ids.push(document.id);
        lines.push(line);
      }
      await file.write(lines.join(''));
    }
  } finally {
    await file.close();
  }
  return { file: path, columns, rowBytesMax, ids };
}
