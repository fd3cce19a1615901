/**
 * Runs the search that the page's state describes, whenever it changes, and holds what came of it.
 *
 * What stands there stays until the new rows are here, so that nothing flickers.
 */
import { computed, effect, signal } from '@preact/signals';
import type { LogSummary, NewestRecord } from '../../model/api.js';
import { type ResolvedRange, resolveRange } from '../../model/time-range.js';
import { isAbort, type Parameters, RequestError, read, requestError } from './api.js';
import { pageState, searchAgain } from './page-state.js';
import { RecordPages } from './record-pages.js';

/** What came of a search. */
export interface SearchResults {
  pages: RecordPages;
  summary: LogSummary | null;
  range: ResolvedRange;
  at: number;
}

export const results = signal<SearchResults | null>(null);
export const searching = signal(false);
export const searchProblem = signal<RequestError | null>(null);
/** When the newest record was logged; asked only after a search that found nothing. */
export const newest = signal<NewestRecord | null>(null);

/** The part of the state that a search depends on, as text, so that other changes do not run it again. */
const searchKey = computed(() => {
  const { view, query, range, levels, services, order, columns } = pageState.value;
  return JSON.stringify(view === 'logs' ? { query, range, levels, services, order, columns } : null);
});

let abort = new AbortController();

async function run(): Promise<void> {
  abort.abort();
  abort = new AbortController();
  const { signal: aborted } = abort;
  const { query, range, levels, services, order, columns } = pageState.peek();
  const at = Date.now();
  const resolved = resolveRange(range, at);
  if (!resolved) {
    const message =
      'The time range cannot be read: write now-15m, now, or 2026-03-01 14:00, the earlier one first.';
    searchProblem.value = new RequestError('ERR_WARREN_RANGE', message);
    return;
  }
  const terms: Parameters = { query, from: resolved.from, to: resolved.to, level: levels, service: services };
  const pages = new RecordPages({ ...terms, order, column: columns }, aborted);
  searching.value = true;
  try {
    const summary = read<LogSummary>('logs/summary', terms, aborted);
    summary.catch(() => undefined);
    await pages.begin();
    if (aborted.aborted) return;
    searchProblem.value = null;
    newest.value = null;
    results.value = { pages, summary: results.peek()?.summary ?? null, range: resolved, at };
    const counted = await summary;
    if (!aborted.aborted) results.value = { pages, summary: counted, range: resolved, at };
    if (pages.rowCount === 0) newest.value = await read<NewestRecord>('logs/newest', { query }, aborted);
  } catch (error) {
    if (!isAbort(error) && !aborted.aborted) searchProblem.value = requestError(error);
  } finally {
    if (!aborted.aborted) searching.value = false;
  }
}

/** Tried again this often while the store or the console's server is away. */
const RETRY_MS = 5000;

const AWAY = new Set(['ERR_WARREN_STORE_UNREACHABLE', 'ERR_WARREN_CONSOLE_UNREACHABLE']);

/** Whether the user has scrolled down: refreshing would take the place away that is being read. */
function isReading(): boolean {
  return (document.querySelector('main [role="grid"]')?.scrollTop ?? 0) > 0;
}

/** Runs searches from now on; returns the function that ends it. */
export function keepSearching(): () => void {
  const stopRunning = effect(() => {
    searchAgain.value;
    if (searchKey.value !== 'null') void run();
  });
  const stopRefreshing = effect(() => {
    const { refreshSeconds, view } = pageState.value;
    if (refreshSeconds === 0 || view !== 'logs') return undefined;
    const timer = setInterval(() => {
      if (!document.hidden && !searching.peek() && !isReading()) searchAgain.value++;
    }, refreshSeconds * 1000);
    return () => clearInterval(timer);
  });
  const stopRetrying = effect(() => {
    if (!AWAY.has(searchProblem.value?.code ?? '')) return undefined;
    const timer = setTimeout(() => searchAgain.value++, RETRY_MS);
    return () => clearTimeout(timer);
  });
  return () => {
    stopRunning();
    stopRefreshing();
    stopRetrying();
  };
}
