/**
 * Columns of a listing: found in the API's objects by name, and written as lines.
 */
import { valueAt } from '../configuration/settings.js';

/** One object of a listing, as the API gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** The value of a column: of the key of its name, or of a path with dots into the depth. */
export function columnOf(row: Row, path: string): unknown {
  return Object.hasOwn(row, path) ? row[path] : valueAt(row, path.split('.'));
}

/** A value as a cell. */
export function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((element) => typeof element !== 'object')) return value.join(',');
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/[\t\n]/g, (character) => (character === '\t' ? '\\t' : '\\n'));
}

/** Orders rows by a column: numbers by size, all else by its text. */
export function sortedBy(rows: readonly Row[], path: string, reverse: boolean): Row[] {
  const direction = reverse ? -1 : 1;
  return [...rows].sort((left, right) => direction * compare(columnOf(left, path), columnOf(right, path)));
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [one, other] = [cellOf(left), cellOf(right)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Lines for a person: aligned on a terminal, parted by tabs for the next program in a pipe. */
export function columnLines(lines: readonly (readonly string[])[], aligned: boolean): string[] {
  if (!aligned) return lines.map((cells) => cells.join('\t'));
  const widths = lines[0]?.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
