/**
 * Asks the log store, through Elasticsearch's HTTP API alone.
 *
 * Responsible for sending searches and reading their replies. Not responsible for the bodies of the
 * searches (search-request.ts) or for HTTP (search-routes.ts).
 */
import { Client, type estypes } from '@elastic/elasticsearch';
import type { FieldInfo, LogDocument, LogPage, LogSummary, NewestRecord, ValueCount } from '../model/api.js';
import { intervalMs } from '../model/interval.js';
import { fieldText, fieldValue } from '../model/record-fields.js';
import { ConsoleError } from './console-error.js';
import { FieldCatalogue } from './field-catalogue.js';
import { logRow, ROW_FIELDS } from './log-row.js';
import * as request from './search-request.js';
import { partialFailure, refusedQuery, storeError } from './store-error.js';
import { levelSeries, valueCounts } from './summary-reply.js';

/** A search waits this long for the store. */
const SEARCH_TIMEOUT_MS = 30_000;

/** Rows of a page. */
const PAGE_ROWS = 200;

/** What a page of the list is asked by. */
export interface PageRequest extends request.SearchTerms {
  order: 'asc' | 'desc';
  columns: readonly string[];
  after: string | null;
}

/** Searches one index pattern of one store. */
export class LogSearch {
  readonly client: Client;
  readonly index: string;
  readonly url: string;
  readonly #catalogue: FieldCatalogue;
  readonly #pattern: RegExp;

  constructor(url: string, index: string, apiKey?: string) {
    this.url = url;
    this.index = index;
    this.client = new Client({
      node: url,
      requestTimeout: SEARCH_TIMEOUT_MS,
      maxRetries: 0,
      ...(apiKey === undefined ? {} : { auth: { apiKey } }),
    });
    this.#catalogue = new FieldCatalogue(this.client, index);
    this.#pattern = indexPattern(index);
  }

  /** One page of rows; the place to go on from is in the reply. */
  page(asked: PageRequest, signal: AbortSignal): Promise<LogPage> {
    return this.#ask(async () => {
      const names = await this.#catalogue.names();
      const after = asked.after === null ? null : request.decodeCursor(asked.after);
      if (asked.after !== null && after === null) {
        throw new ConsoleError(
          'ERR_WARREN_REQUEST',
          400,
          'The place in the list is not valid: search again.',
        );
      }
      const body = {
        size: PAGE_ROWS,
        track_total_hits: false,
        query: request.searchQuery(asked, names),
        sort: request.searchSort(asked.order, names),
        _source: { includes: [...ROW_FIELDS, ...asked.columns] },
        ...(after === null ? {} : { search_after: after }),
      };
      const reply = await this.#search(body, signal);
      const hits = reply.hits.hits;
      const last = hits.at(-1)?.sort;
      return {
        rows: hits.map((hit) => logRow(hit, asked.columns)),
        next: hits.length === PAGE_ROWS && last ? request.encodeCursor(last) : null,
        tookMs: reply.took,
      };
    });
  }

  /** The counts that stand above and beside the list. */
  summary(terms: request.SearchTerms, signal: AbortSignal): Promise<LogSummary> {
    return this.#ask(async () => {
      const names = await this.#catalogue.names();
      const width = intervalMs(terms.from, terms.to);
      const count = (aggs: Record<string, unknown>, without?: 'levels' | 'services') =>
        this.#search(
          { size: 0, track_total_hits: true, query: request.searchQuery(terms, names, without), aggs },
          signal,
        );
      const [all, byLevel, byService] = await Promise.all([
        count({
          ...request.histogramAggregation(names, width),
          ...request.servicesAggregation(names),
          ...request.errorsAggregation(names),
        }),
        terms.levels.length > 0 ? count(request.levelsAggregation(names), 'levels') : null,
        terms.services.length > 0 ? count(request.servicesAggregation(names), 'services') : null,
      ]);
      const total = all.hits.total;
      return {
        total: typeof total === 'number' ? total : (total?.value ?? 0),
        totalExact: typeof total === 'number' || total?.relation !== 'gte',
        from: terms.from,
        to: terms.to,
        intervalMs: width,
        series: levelSeries(all),
        levels: valueCounts(byLevel ?? all, 'levels'),
        services: valueCounts(byService ?? all, 'services'),
        errors: valueCounts(all, 'errors'),
        problem: partialFailure(shardFailures(all)),
        tookMs: Math.max(all.took, byLevel?.took ?? 0, byService?.took ?? 0),
      };
    });
  }

  /** One record in full; an error with status 404 when it is not there or not within the pattern. */
  document(index: string, id: string): Promise<LogDocument> {
    return this.#ask(async () => {
      if (!this.#pattern.test(index)) throw notFound(id);
      const found = await this.client.get({ index, id }, { ignore: [404] });
      if (!found.found) throw notFound(id);
      return { id: found._id, index: found._index, source: (found._source ?? {}) as Record<string, unknown> };
    });
  }

  /** Every field of the index. */
  fields(): Promise<readonly FieldInfo[]> {
    return this.#ask(() => this.#catalogue.fields());
  }

  /** The commonest values of a field within a time range, those that begin with `prefix`. */
  values(field: string, prefix: string, range: { from: number; to: number }): Promise<ValueCount[]> {
    return this.#ask(async () => {
      const known = new Map((await this.#catalogue.fields()).map((each) => [each.name, each]));
      const info = known.get(field)?.aggregatable ? known.get(field) : known.get(`${field}.keyword`);
      if (!info?.aggregatable) return [];
      const begins = info.type === 'keyword' && prefix !== '';
      const value = `${prefix.replace(/[\\*?]/g, '\\$&')}*`;
      const filter = [
        { range: { '@timestamp': { gte: range.from, lte: range.to, format: 'epoch_millis' } } },
        ...(begins ? [{ wildcard: { [info.name]: { value } } }] : []),
      ];
      const size = begins ? request.VALUES_MAX : request.VALUES_MAX * 5;
      const aggs = { values: { terms: { field: info.name, size } } };
      const reply = await this.#search({
        size: 0,
        track_total_hits: false,
        query: { bool: { filter } },
        aggs,
      });
      return valueCounts(reply, 'values')
        .filter((each) => each.value.startsWith(prefix))
        .slice(0, request.VALUES_MAX);
    });
  }

  /** When the newest record was logged: of all, and of those that match. */
  newest(query: string): Promise<NewestRecord> {
    return this.#ask(async () => {
      const any = await this.#newestOf([]);
      const clause = request.queryClause(query);
      return { any, matching: clause.length === 0 || any === null ? any : await this.#newestOf(clause) };
    });
  }

  /** Closes the connections to the store. */
  async close(): Promise<void> {
    await this.client.close();
  }

  async #newestOf(filter: Record<string, unknown>[]): Promise<string | null> {
    const reply = await this.#search({
      size: 1,
      track_total_hits: false,
      query: {
        bool: {
          filter: [...filter, { range: { '@timestamp': { lte: Date.now(), format: 'epoch_millis' } } }],
        },
      },
      sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
      _source: { includes: ['@timestamp'] },
    });
    return fieldText(
      fieldValue((reply.hits.hits[0]?._source ?? {}) as Record<string, unknown>, '@timestamp'),
    );
  }

  async #search(body: Record<string, unknown>, signal?: AbortSignal): Promise<estypes.SearchResponse> {
    const asked = { index: this.index, ignore_unavailable: true, allow_no_indices: true, ...body };
    const reply = await this.client.search(asked as estypes.SearchRequest, signal ? { signal } : {});
    const refused = refusedQuery(shardFailures(reply));
    if (refused) throw refused;
    return reply;
  }

  async #ask<Reply>(asking: () => Promise<Reply>): Promise<Reply> {
    try {
      return await asking();
    } catch (error) {
      throw storeError(error, this.url);
    }
  }
}

/** Compatible stores may leave `_shards` out. */
function shardFailures(reply: { _shards?: estypes.ShardStatistics }): estypes.ShardFailure[] {
  return reply._shards?.failures ?? [];
}

function notFound(id: string): ConsoleError {
  const message = `There is no record ${id} any more: it may have been removed with its index.`;
  return new ConsoleError('ERR_WARREN_RECORD_NOT_FOUND', 404, message);
}

/** The names an index pattern covers, a data stream's backing indices included. */
function indexPattern(pattern: string): RegExp {
  const parts = pattern.split(',').map((part) =>
    part
      .trim()
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*'),
  );
  return new RegExp(
    `^(?:${parts.map((part) => `${part}|\\.ds-${part}-\\d{4}\\.\\d{2}\\.\\d{2}-\\d+`).join('|')})$`,
  );
}
