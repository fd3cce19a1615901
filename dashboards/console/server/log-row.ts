/** Makes the line of a list out of a record, as stored or as published. */
import type { LogRow } from '../model/api.js';
import { fieldText, fieldValue, withoutColours } from '../model/record-fields.js';

/** Characters of a message that a line shows at most. */
const MESSAGE_LENGTH_MAX = 500;

/** Characters of a column's value. */
const COLUMN_LENGTH_MAX = 200;

/** The fields that a line is made of. */
export const ROW_FIELDS = [
  '@timestamp',
  'message',
  'log.level',
  'level',
  'service.name',
  'error.type',
  'error.message',
] as const;

type Json = Record<string, unknown>;

/** The parts of a line that every record has, wherever it comes from. */
export function rowParts(source: Json): Pick<LogRow, 'time' | 'level' | 'service' | 'message' | 'error'> {
  const text = (path: string) => fieldText(fieldValue(source, path));
  const message = text('message') ?? text('error.message') ?? '';
  return {
    time: text('@timestamp') ?? '',
    level: text('log.level') ?? text('level'),
    service: text('service.name'),
    message: oneLine(message, MESSAGE_LENGTH_MAX),
    error: text('error.type'),
  };
}

/** The line of a search hit, with the columns asked for. */
export function logRow(
  hit: { _id?: string; _index: string; _source?: unknown },
  columns: readonly string[],
): LogRow {
  const source = (hit._source ?? {}) as Json;
  return {
    id: hit._id ?? '',
    index: hit._index,
    ...rowParts(source),
    columns: columns.map((column) => {
      const value = fieldText(fieldValue(source, column));
      return value === null ? null : oneLine(value, COLUMN_LENGTH_MAX);
    }),
  };
}

function oneLine(text: string, lengthMax: number): string {
  const line = withoutColours(text.slice(0, lengthMax + 1))
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > lengthMax ? `${line.slice(0, lengthMax)}…` : line;
}
