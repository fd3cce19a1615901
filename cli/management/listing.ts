/**
 * A command that lists: what it asks for, which columns it shows, and how they are chosen.
 */
import type { Command } from 'commander';
import { UsageError } from '../failure.js';
import { printable } from '../record-line.js';
import { cellOf, columnLines, columnOf, type Row, sortedBy } from './columns.js';
import { type Given, managementCommand } from './management-command.js';

/** What is listed. */
export interface Listing {
  name: string;
  about: string;
  example: string;
  /** Arguments before those that name columns. */
  arguments?: readonly (readonly [string, string])[];
  /** Those that are shown where none are named. */
  columns: readonly string[];
  /** Where a column's name is not its place in the API's objects. */
  places?: Readonly<Record<string, string>>;
  /** It is scoped by `-p`. */
  inVirtualHost?: boolean;
  /** Where it is; `virtualHost` is undefined for all of them. */
  path(virtualHost: string | undefined, words: readonly string[]): readonly string[];
  /** The API has it of all virtual hosts only. */
  picked?: true;
  /** What is missing when there is nothing at the path. */
  what?: (words: readonly string[]) => string;
}

interface ListFlags {
  json?: boolean;
  tableHeaders: boolean;
  silent?: boolean;
  sort?: string;
  reverse?: boolean;
}

export function listCommand(listing: Listing): Command {
  const { name, about, example, inVirtualHost = false } = listing;
  return managementCommand<ListFlags>(
    {
      name,
      about,
      example,
      inVirtualHost,
      arguments: [
        ...(listing.arguments ?? []),
        ['[columns...]', `of them: ${listing.columns.join(', ')}, …`],
      ],
      options: [
        ['--sort <column>', 'in the order of this column'],
        ['--reverse', 'the largest first'],
        ['--json', 'print them as a JSON array'],
        ['--no-table-headers', 'leave out the names of the columns'],
      ],
    },
    (given) => list(listing, given),
  );
}

async function list(listing: Listing, given: Given<ListFlags>): Promise<void> {
  const { flags } = given;
  const named = given.words.slice(listing.arguments?.length ?? 0).flatMap((word) => word.split(','));
  const chosen = named.filter((column) => column !== '');
  const columns = chosen.length > 0 ? chosen : usual(listing, given.onlyVirtualHost);
  const rows = await fetchRows(listing, given, flags.json && chosen.length === 0 ? [] : columns);
  for (const column of chosen) checkColumn(listing, column, rows);
  const ordered =
    flags.sort === undefined ? rows : sortedBy(rows, placeOf(listing, flags.sort), flags.reverse === true);
  if (flags.json) {
    const shown = chosen.length === 0 ? ordered : ordered.map((row) => chosenOf(listing, row, chosen));
    process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
    return;
  }
  const lines = ordered.map((row) =>
    columns.map((column) => cellOf(columnOf(row, placeOf(listing, column)))),
  );
  if (flags.tableHeaders && !flags.silent && lines.length > 0) lines.unshift([...columns]);
  for (const line of columnLines(
    lines.map((cells) => cells.map(printable)),
    process.stdout.isTTY,
  )) {
    process.stdout.write(`${line}\n`);
  }
}

function usual({ columns }: Listing, virtualHost: string | undefined): readonly string[] {
  return virtualHost === undefined ? columns : columns.filter((column) => column !== 'vhost');
}

async function fetchRows(
  listing: Listing,
  { client, onlyVirtualHost, words, flags }: Given<ListFlags>,
  columns: readonly string[],
): Promise<readonly Row[]> {
  const asked = new Set(columns.map((column) => placeOf(listing, column)));
  if (asked.size > 0 && flags.sort !== undefined) asked.add(placeOf(listing, flags.sort));
  if (asked.size > 0 && listing.picked) asked.add('vhost');
  const rows = await client.get<readonly Row[]>(listing.path(onlyVirtualHost, words), {
    ...(asked.size > 0 && { query: { columns: [...asked].join(',') } }),
    what: listing.what?.(words) ?? (onlyVirtualHost && `virtual host '${onlyVirtualHost}'`),
  });
  return listing.picked && onlyVirtualHost !== undefined
    ? rows.filter(({ vhost }) => vhost === onlyVirtualHost)
    : rows;
}

/** Whether a column is spelt right can be told only from what there is. */
function checkColumn(listing: Listing, column: string, rows: readonly Row[]): void {
  const place = placeOf(listing, column);
  if (rows.length === 0 || listing.columns.includes(column) || Object.hasOwn(listing.places ?? {}, column))
    return;
  if (rows.some((row) => columnOf(row, place) !== undefined)) return;
  throw new UsageError(
    `${listing.name}: nothing listed has a column '${column}'; warren broker ${listing.name} --json shows what there is`,
  );
}

/** Where a column is; `limits.max-queues` is within `limits`. */
function placeOf({ places = {} }: Listing, column: string): string {
  const [first = '', ...deeper] = column.split('.');
  const place = places[first];
  return place === undefined ? column : [place, ...deeper].join('.');
}

function chosenOf(listing: Listing, row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(
    columns.map((column) => [column, columnOf(row, placeOf(listing, column)) ?? null]),
  );
}
