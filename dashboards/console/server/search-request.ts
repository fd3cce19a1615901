/**
 * The bodies of the searches that the console sends: pure, settings in, JSON out.
 *
 * They keep to what both Elasticsearch 8 and the embedded store answer, in the shapes that Grafana's
 * data source uses where there is one.
 */

/** What is searched for. */
export interface SearchTerms {
  /** query_string text; empty finds everything. */
  query: string;
  /** Epoch ms, inclusive. */
  from: number;
  /** Epoch ms, inclusive. */
  to: number;
  /** Any of these stored levels; none means all. */
  levels: readonly string[];
  /** Any of these services; none means all. */
  services: readonly string[];
}

/** The names under which the present index can count and sort by these fields. */
export interface FieldNames {
  level: string;
  service: string;
  eventId: string;
  errorType: string;
}

/** What a record without a level is counted as. */
const NO_LEVEL = 'none';

/** Services, levels and values counted at most. */
const SERVICES_MAX = 50;
const LEVELS_MAX = 20;
export const VALUES_MAX = 10;

type Json = Record<string, unknown>;

/** The query_string clause, or none for an empty query. */
export function queryClause(query: string): Json[] {
  const text = query.trim();
  if (text === '') return [];
  return [{ query_string: { query: text, default_operator: 'AND', analyze_wildcard: true } }];
}

function levelClause(levels: readonly string[], field: string): Json[] {
  if (levels.length === 0) return [];
  const named = levels.filter((level) => level !== NO_LEVEL);
  const terms = { terms: { [field]: named } };
  if (named.length === levels.length) return [terms];
  const none = { bool: { must_not: [{ exists: { field } }] } };
  const should = named.length > 0 ? [terms, none] : [none];
  return [{ bool: { should, minimum_should_match: 1 } }];
}

function serviceClause(services: readonly string[], field: string): Json[] {
  return services.length === 0 ? [] : [{ terms: { [field]: services } }];
}

/** The whole query; `without` leaves one of the two filters out. */
export function searchQuery(terms: SearchTerms, names: FieldNames, without?: 'levels' | 'services'): Json {
  const range = { '@timestamp': { gte: terms.from, lte: terms.to, format: 'epoch_millis' } };
  return {
    bool: {
      filter: [
        { range },
        ...queryClause(terms.query),
        ...(without === 'levels' ? [] : levelClause(terms.levels, names.level)),
        ...(without === 'services' ? [] : serviceClause(terms.services, names.service)),
      ],
    },
  };
}

/**
 * The order of the list. By time first; `event.id` makes the order total and the same on every shard,
 * so that `search_after` neither repeats nor skips; `_doc` is for records that have none.
 */
export function searchSort(order: 'asc' | 'desc', names: FieldNames): Json[] {
  return [
    { '@timestamp': { order, unmapped_type: 'date' } },
    { [names.eventId]: { order, unmapped_type: 'keyword' } },
    { _doc: { order } },
  ];
}

/** Counts by level over time; the shape of Grafana's log volume. */
export function histogramAggregation(names: FieldNames, intervalMs: number): Json {
  const date_histogram = { field: '@timestamp', fixed_interval: `${intervalMs}ms`, min_doc_count: 1 };
  const terms = { field: names.level, size: LEVELS_MAX, missing: NO_LEVEL };
  return { levels: { terms, aggs: { times: { date_histogram } } } };
}

/** Counts by level alone. */
export function levelsAggregation(names: FieldNames): Json {
  return { levels: { terms: { field: names.level, size: LEVELS_MAX, missing: NO_LEVEL } } };
}

/** Counts by service. */
export function servicesAggregation(names: FieldNames): Json {
  return { services: { terms: { field: names.service, size: SERVICES_MAX } } };
}

/** Counts by type of error. */
export function errorsAggregation(names: FieldNames): Json {
  return { errors: { terms: { field: names.errorType, size: VALUES_MAX } } };
}

/** A place in the list, as the page passes it back. */
export function encodeCursor(sort: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(sort)).toString('base64url');
}

/** The sort values of a cursor; null for one that is none of ours. */
export function decodeCursor(cursor: string): (string | number | null)[] | null {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const sound = (value: unknown) =>
      value === null || typeof value === 'string' || typeof value === 'number';
    return Array.isArray(values) && values.length === 3 && values.every(sound) ? values : null;
  } catch {
    return null;
  }
}
