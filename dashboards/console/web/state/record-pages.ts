/**
 * The rows of a search, fetched page by page as they are looked at.
 *
 * Memory is fixed: only pages near what is looked at are kept. Each page's place (its cursor) is
 * remembered, so that one that was let go can be fetched again.
 */
import { type Signal, signal } from '@preact/signals';
import type { LogPage, LogRow } from '../../model/api.js';
import { isAbort, type Parameters, type RequestError, read, requestError } from './api.js';

/** Rows of every page but the last; the server's number. */
const PAGE_ROWS = 200;

/** Pages kept; together 4,000 rows. */
const PAGES_KEPT = 20;

/** The next page is fetched when this few rows are left below. */
const AHEAD_ROWS = 100;

/** One search's rows. */
export class RecordPages {
  /** Counts up whenever rows came or went. */
  readonly version: Signal<number> = signal(0);
  /** Why the last fetch failed; null while all is well. */
  readonly problem: Signal<RequestError | null> = signal(null);
  /** Rows known so far, kept or not. */
  rowCount = 0;
  /** Whether there are no more rows. */
  complete = false;
  readonly #parameters: Parameters;
  readonly #signal: AbortSignal;
  readonly #pages = new Map<number, LogRow[]>();
  readonly #cursors: (string | null)[] = [null];
  readonly #fetching = new Set<number>();

  constructor(parameters: Parameters, abort: AbortSignal) {
    this.#parameters = parameters;
    this.#signal = abort;
  }

  /** A row, or undefined while it is not here. */
  row(position: number): LogRow | undefined {
    return this.#pages.get(Math.floor(position / PAGE_ROWS))?.[position % PAGE_ROWS];
  }

  /** The first page; rejects when it cannot be had. */
  async begin(): Promise<void> {
    await this.#fetch(0);
    if (this.problem.peek()) throw this.problem.peek();
  }

  /** Tells which rows are looked at: fetches what is missing there and lets go of what is far away. */
  look(first: number, last: number): void {
    const from = Math.floor(first / PAGE_ROWS);
    const to = Math.floor(Math.max(first, last) / PAGE_ROWS);
    for (let page = from; page <= to; page++) this.#want(page);
    if (!this.complete && last >= this.rowCount - AHEAD_ROWS) this.#want(this.#cursors.length - 1);
    this.#letGo((from + to) / 2);
  }

  /** Tries again after a failure. */
  again(): void {
    this.problem.value = null;
    this.#want(this.#cursors.length - 1);
  }

  #want(page: number): void {
    if (page >= this.#cursors.length || this.#pages.has(page) || this.#fetching.has(page)) return;
    if (this.problem.peek()) return;
    void this.#fetch(page);
  }

  async #fetch(page: number): Promise<void> {
    this.#fetching.add(page);
    try {
      const after = this.#cursors[page] ?? null;
      const reply = await read<LogPage>('logs', { ...this.#parameters, after }, this.#signal);
      this.#pages.set(page, reply.rows);
      if (page === this.#cursors.length - 1 && !this.complete) this.#extend(page, reply);
    } catch (error) {
      if (!isAbort(error)) this.problem.value = requestError(error);
    } finally {
      this.#fetching.delete(page);
      this.version.value++;
    }
  }

  #extend(page: number, reply: LogPage): void {
    this.rowCount = page * PAGE_ROWS + reply.rows.length;
    if (reply.next === null) this.complete = true;
    else this.#cursors.push(reply.next);
  }

  #letGo(middle: number): void {
    if (this.#pages.size <= PAGES_KEPT) return;
    const farthest = [...this.#pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const page of farthest.slice(0, this.#pages.size - PAGES_KEPT)) this.#pages.delete(page);
  }
}
