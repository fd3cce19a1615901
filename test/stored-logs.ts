/** What is in an index, asked through the official Elasticsearch client. */
import { Client } from '@elastic/elasticsearch';
import { until } from './until.js';

const PAGE = 5_000;

/** A stored document with its id. */
export interface StoredLog {
  _id: string;
  _source: Record<string, unknown>;
}

/** The logs behind one Elasticsearch address. */
export class StoredLogs {
  readonly client: Client;

  constructor(url: string) {
    this.client = new Client({ node: url, maxRetries: 0 });
  }

  /** All documents that match a query_string, of the newest 1,000. */
  async find(query: string): Promise<StoredLog[]> {
    const { hits } = await this.client.search({
      index: 'logs-*',
      ignore_unavailable: true,
      size: 1_000,
      query: { query_string: { query } },
    });
    return hits.hits as StoredLog[];
  }

  /** Waits until a query has at least `count` documents. */
  async waitFor(query: string, count = 1, msMax = 10_000): Promise<StoredLog[]> {
    return await until(
      `${count} documents of ${query}`,
      async () => {
        // Before the first record there is no index, and a store under test may be away.
        const found = await this.find(query).catch(() => []);
        return found.length >= count ? found : undefined;
      },
      msMax,
    );
  }

  /** How many documents a query has. */
  async count(query: string): Promise<number> {
    const { count } = await this.client.count({
      index: 'logs-*',
      ignore_unavailable: true,
      query: { query_string: { query } },
    });
    return count;
  }

  /** The value of `event.id` of every document of a query: every document, not a sample. */
  async allIds(query: string): Promise<string[]> {
    const ids: string[] = [];
    let after: unknown[] | undefined;
    for (;;) {
      const { hits } = await this.client.search({
        index: 'logs-*',
        size: PAGE,
        sort: [{ 'event.id': { order: 'asc' } }],
        query: { query_string: { query } },
        _source: false,
        ...(after && { search_after: after as string[] }),
      });
      for (const { _id } of hits.hits) ids.push(_id as string);
      after = hits.hits.at(-1)?.sort;
      if (hits.hits.length < PAGE) return ids;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
