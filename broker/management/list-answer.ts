/** A listing as it is sent: at once where it is short, else piece by piece as the client takes it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sees } from './authorization.js';
import { arrange, type Columns, type Listed, parseListing, pick, STEP } from './listing.js';
import type { ManagementRequest } from './request.js';
import { type Answer, json } from './resource.js';

const BY_NAME = ['vhost', 'name'];

export interface ListAnswerOptions {
  /** What is sorted by where nothing, or the same, is asked for. */
  readonly sort?: readonly string[];
  /** Whether pages can be asked for. */
  readonly paged?: boolean;
}

/** Answers with what a query asks for of a list. Rejects with an HttpError 400. */
export async function answerList(
  { query }: ManagementRequest,
  all: readonly Listed[],
  { sort = BY_NAME, paged = false }: ListAnswerOptions = {},
): Promise<Answer> {
  const parsed = parseListing(query, sort);
  const { listed, page } = await arrange(all, paged ? parsed : { ...parsed, page: undefined });
  const columns = parsed.columns ?? 'all';
  if (page === undefined) {
    if (listed.length > STEP) return { status: 200, stream: pieces(listed, columns) };
    return json(listed.map((one) => pick(one.show(), columns)));
  }
  return json({
    total_count: page.totalCount,
    item_count: listed.length,
    filtered_count: page.filteredCount,
    page: page.page,
    page_size: page.pageSize,
    page_count: Math.ceil(page.filteredCount / page.pageSize),
    items: listed.map((one) => pick(one.show(), columns)),
  });
}

async function* pieces(listed: readonly Listed[], columns: Columns | 'all'): AsyncGenerator<string> {
  for (let start = 0; start < listed.length; start += STEP) {
    if (start > 0) await nextTurn();
    const texts = listed.slice(start, start + STEP).map((one) => JSON.stringify(pick(one.show(), columns)));
    yield `${start === 0 ? '[' : ','}${texts.join(',')}`;
  }
  yield ']';
}

/** What a user sees of all virtual hosts, or of the one that is asked for. @throws HttpError 404 */
export function* visibleVirtualHosts(
  request: ManagementRequest,
): Generator<ManagementRequest['virtualHost']> {
  if (request.virtualHostName !== undefined) {
    if (sees(request.identity, request.virtualHost.name)) yield request.virtualHost;
    return;
  }
  for (const virtualHost of request.broker.host.virtualHosts) {
    if (sees(request.identity, virtualHost.name)) yield virtualHost;
  }
}
