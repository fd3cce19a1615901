/**
 * Listings: filtered, sorted, cut into pages and columns as a query asks. Pure but for the turns of the
 * event loop that are left to others while a long one is worked on: what is compared is made and sorted
 * step by step, and only what is shown is made in full.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NamePattern, Patience, PatternError } from '../routing/name-pattern.js';
import { badRequest, HttpError } from './http-error.js';
import { compareKeys, sortKey } from './sort-key.js';

const PAGE_SIZE = 100;
const PAGE_SIZE_MAX = 500;
/** What one turn of the event loop is given: about 2 ms of work. */
export const STEP = 256;
const MERGE_STEP = 8192;

/** A thing to be listed: where it is and what it is called, and how it is shown. */
export interface Listed {
  readonly vhost: string;
  readonly name: string;
  show(): object;
  /** As much of it as is sorted by, where that is less work. */
  key?(): object;
}

/** What can be sorted by without showing it. */
const AT_HAND = ['vhost', 'name'];

type MatchEach = (names: readonly string[]) => boolean[];

interface Page {
  readonly page: number;
  readonly pageSize: number;
  /** For a few hundred names at a time. @throws HttpError 400 when it takes too long for all of them */
  readonly matchEach: MatchEach | undefined;
}

/** What a query asks of a listing. */
export interface ListingQuery {
  readonly page: Page | undefined;
  /** `message_stats.publish`, split at the dots. */
  readonly sort: readonly (readonly string[])[];
  readonly reverse: boolean;
  readonly columns: Columns | undefined;
}

/** The columns that are wanted; those of what is in a column below it, or all of it. */
export type Columns = Map<string, Columns | 'all'>;

/**
 * Reads the parameters of a listing.
 *
 * @param defaultSort by which the rest is ordered
 * @throws HttpError 400 for a page that cannot be
 */
export function parseListing(query: URLSearchParams, defaultSort: readonly string[]): ListingQuery {
  const sort = query.get('sort');
  const keys = sort === null || sort === '' ? defaultSort : [...new Set([sort, ...defaultSort])];
  return {
    page: parsePage(query),
    sort: keys.map((key) => key.split('.').filter((part) => part !== '')),
    reverse: query.get('sort_reverse') === 'true',
    columns: parseColumns(query.get('columns')),
  };
}

function parsePage(query: URLSearchParams): Page | undefined {
  const page = integer(query.get('page'));
  const pageSize = integer(query.get('page_size'));
  if (page === undefined) return undefined;
  const size = pageSize ?? PAGE_SIZE;
  if (page < 1 || size < 1 || size > PAGE_SIZE_MAX) {
    const reason = `Invalid pagination parameters: page number ${page}, page size ${pageSize ?? 'undefined'}`;
    throw new HttpError(400, { error: 'invalid_pagination_parameters', reason });
  }
  return { page, pageSize: size, matchEach: parseName(query) };
}

function invalidPagination(): HttpError {
  return badRequest('Pagination parameters are invalid');
}

function integer(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw invalidPagination();
  return Number(text);
}

function parseName(query: URLSearchParams): MatchEach | undefined {
  const wanted = query.get('name') ?? '';
  if (wanted === '') return undefined;
  if (query.get('use_regex') !== 'true') {
    const lower = wanted.toLowerCase();
    return (names) => names.map((name) => name.toLowerCase().includes(lower));
  }
  try {
    const pattern = new NamePattern(/^\(\?[a-z]+\)/.test(wanted) ? wanted : `(?i)${wanted}`);
    const patience = new Patience();
    return (names) => {
      const answers = pattern.matchEach(names, patience);
      if (patience.isOver) throw badRequest('The regular expression takes too long for so many names');
      return answers;
    };
  } catch (error) {
    if (error instanceof PatternError) throw invalidPagination();
    throw error;
  }
}

/** The columns of `name,message_stats.publish_details.rate`; undefined for all. */
export function parseColumns(text: string | null): Columns | undefined {
  if (text === null) return undefined;
  const columns: Columns = new Map();
  for (const path of text.split(',').filter((one) => one !== '')) {
    const parts = path.split('.').filter((part) => part !== '');
    let level = columns;
    for (const [at, part] of parts.entries()) {
      const known = level.get(part);
      if (known === 'all') break;
      if (at === parts.length - 1) {
        level.set(part, 'all');
      } else {
        const below: Columns = known ?? new Map();
        level.set(part, below);
        level = below;
      }
    }
  }
  return columns;
}

/** AMQP's tables, which RabbitMQ does not look into: they are shown whole or not at all. */
const TABLES: ReadonlySet<string> = new Set(['arguments', 'client_properties']);

/** The wanted columns of a value; lists are of values. */
export function pick(value: unknown, columns: Columns | 'all'): unknown {
  if (columns === 'all' || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => pick(one, columns));
  const picked: Record<string, unknown> = Object.create(null);
  for (const [name, wanted] of columns) {
    if (!Object.hasOwn(value, name)) continue;
    picked[name] = pick((value as Record<string, unknown>)[name], TABLES.has(name) ? 'all' : wanted);
  }
  // As an object without fields is to RabbitMQ.
  return Object.keys(picked).length === 0 ? [] : picked;
}

interface ArrangedPage {
  readonly page: number;
  readonly pageSize: number;
  readonly totalCount: number;
  readonly filteredCount: number;
}

/** What is to be shown, in order, and of a page where it stands. */
export interface Arranged {
  readonly listed: readonly Listed[];
  readonly page: ArrangedPage | undefined;
}

/** Filters, sorts and cuts. Rejects with an HttpError 400 for a page that is not there. */
export async function arrange(all: readonly Listed[], query: ListingQuery): Promise<Arranged> {
  const { page, sort, reverse } = query;
  const filtered = page?.matchEach === undefined ? all : await filter(all, page.matchEach);
  const sorted = sort.length === 0 ? filtered : await sortListed(filtered, sort);
  const ordered = reverse ? sorted.toReversed() : sorted;
  if (page === undefined) return { listed: ordered, page: undefined };
  const { page: number, pageSize } = page;
  const offset = (number - 1) * pageSize;
  if (offset > ordered.length) {
    const reason = `Page out of range, page: ${number} page size: ${pageSize}, len: ${ordered.length}`;
    throw new HttpError(400, { error: 'page_out_of_range', reason });
  }
  const counts = { totalCount: all.length, filteredCount: ordered.length };
  return { listed: ordered.slice(offset, offset + pageSize), page: { page: number, pageSize, ...counts } };
}

async function filter(all: readonly Listed[], matchEach: MatchEach): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let start = 0; start < all.length; start += STEP) {
    if (start > 0) await nextTurn();
    const some = all.slice(start, start + STEP);
    const answers = matchEach(some.map(({ name }) => name));
    found.push(...some.filter((_, at) => answers[at]));
  }
  return found;
}

interface Keyed {
  readonly key: readonly unknown[];
  readonly one: Listed;
}

async function sortListed(all: readonly Listed[], sort: readonly (readonly string[])[]): Promise<Listed[]> {
  const atHand = sort.every((path) => path.length === 1 && AT_HAND.includes(path[0] as string));
  let runs: Keyed[][] = [];
  for (let start = 0; start < all.length; start += STEP) {
    if (start > 0) await nextTurn();
    const run = all.slice(start, start + STEP).map((one) => ({
      key: sortKey(atHand ? one : (one.key?.() ?? one.show()), sort),
      one,
    }));
    runs.push(run.sort((left, right) => compareKeys(left.key, right.key)));
  }
  while (runs.length > 1) {
    const merged: Keyed[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await merge(runs[at] as Keyed[], runs[at + 1] ?? []));
    }
    runs = merged;
  }
  return (runs[0] ?? []).map(({ one }) => one);
}

async function merge(left: readonly Keyed[], right: readonly Keyed[]): Promise<Keyed[]> {
  const merged: Keyed[] = [];
  let [fromLeft, fromRight] = [0, 0];
  while (fromLeft < left.length || fromRight < right.length) {
    const first = left[fromLeft];
    const second = right[fromRight];
    const takesLeft = second === undefined || (first && compareKeys(first.key, second.key) <= 0);
    merged.push((takesLeft ? first : second) as Keyed);
    if (takesLeft) fromLeft++;
    else fromRight++;
    if (merged.length % MERGE_STEP === 0) await nextTurn();
  }
  return merged;
}
