/**
 * Turns what Elasticsearch's client throws into the console's errors: most of all, a query that does
 * not parse into one clear line with its place.
 */
import { errors } from '@elastic/elasticsearch';
import { ConsoleError, reasonOf, shownUrl } from './console-error.js';

interface Cause {
  type?: string;
  reason?: string;
  caused_by?: Cause;
  root_cause?: Cause[];
  failed_shards?: { reason?: Cause }[];
}

/** Every cause in an error body, the outermost first. */
function causesOf(error: Cause | undefined, depth = 0): Cause[] {
  if (!error || depth > 10) return [];
  const inner = [error.root_cause?.[0], error.failed_shards?.[0]?.reason, error.caused_by];
  return [error, ...inner.flatMap((each) => causesOf(each, depth + 1))];
}

/** Types whose fault is the query's, not the store's. */
const QUERY_TYPES =
  /^(query_shard_exception|parse_exception|parsing_exception|query_parsing_exception|token_mgr_error|number_format_exception|illegal_argument_exception|too_many_clauses|x_content_parse_exception|search_phase_execution_exception)$/;

/** What a parser met, in words a person uses; it writes `" <OR> "OR ""` for an OR. */
function inWords(encountered: string): string {
  if (encountered.includes('<EOF>')) return 'it ends too early';
  const image = /^" (?:<\w+>|".*?") "(.*?) ""$/s.exec(encountered)?.[1] ?? encountered.replaceAll('"', '');
  return `“${image.trim()}” does not belong there`;
}

/** One line for a query that could not be read or run. */
function queryLine(causes: readonly Cause[]): { message: string; column: number | undefined } {
  const reasons = causes.map((each) => each.reason ?? '').filter((each) => each !== '');
  const precise = reasons.find((each) => /at line \d+, column \d+/.test(each));
  if (precise !== undefined) {
    const parsed = /Encountered:?\s+(.*?)\s+at line \d+, column (\d+)/s.exec(precise);
    const lexical = /Lexical error[:,]?\s*(.*?)\s*at line \d+, column (\d+)/s.exec(precise);
    const what = parsed ? inWords(parsed[1] ?? '') : lexical?.[1] || 'a quote or a slash is not closed';
    // The parser counts columns from 0, its lexer from 1.
    const column = parsed ? Number(parsed[2]) + 1 : Math.max(1, Number(lexical?.[2] ?? Number.NaN));
    return Number.isNaN(column)
      ? { message: `The query cannot be read: ${firstLine(precise)}`, column: undefined }
      : { message: `The query cannot be read: ${what} (column ${column}).`, column };
  }
  const number = reasons.find((each) => /For input string: "/.test(each));
  if (number !== undefined) {
    const text = /For input string: "(.*?)"/.exec(number)?.[1] ?? '';
    return {
      message: `The query asks a field of numbers for “${text}”, which is not one.`,
      column: undefined,
    };
  }
  const date = reasons.find((each) => /failed to parse date field/.test(each));
  if (date !== undefined)
    return { message: `The query cannot be run: ${firstLine(date)}`, column: undefined };
  const deepest = reasons.at(-1) ?? reasons[0] ?? 'no reason was given';
  return { message: `The query cannot be run: ${firstLine(deepest)}`, column: undefined };
}

/**
 * The error of a query that only some shards refused: those without a record in the range answer without
 * having read it, and the reply as a whole is a 200.
 *
 * @param failures `_shards.failures` of a reply
 * @returns null when they failed for another reason than the query
 */
export function refusedQuery(failures: readonly { reason?: unknown }[]): ConsoleError | null {
  const causes = failures.flatMap((failure) => causesOf(failure.reason as Cause | undefined));
  if (!causes.some((each) => QUERY_TYPES.test(each.type ?? ''))) return null;
  const { message, column } = queryLine(causes);
  return new ConsoleError('ERR_WARREN_QUERY', 400, message, { column });
}

/** Why a part of the data could not be read, in one line; null when all of it could. */
export function partialFailure(failures: readonly { reason?: unknown }[]): string | null {
  const reason = failures.flatMap((failure) => causesOf(failure.reason as Cause | undefined)).at(-1)?.reason;
  if (failures.length === 0) return null;
  return `Some of the data could not be read: ${firstLine(reason ?? 'no reason was given')}`;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 400);
}

/**
 * The console's error for a failed request to the store.
 *
 * @param error what the client threw
 * @param url where the store is, shown without its password
 */
export function storeError(error: unknown, url: string): ConsoleError {
  if (error instanceof ConsoleError) return error;
  if (error instanceof errors.ResponseError) return responseError(error, url);
  if (error instanceof errors.RequestAbortedError) {
    return new ConsoleError('ERR_WARREN_SEARCH_CANCELLED', 499, 'The search was cancelled.', {
      cause: error,
    });
  }
  if (error instanceof errors.TimeoutError) {
    return new ConsoleError(
      'ERR_WARREN_STORE_SLOW',
      504,
      'The log store did not answer in time: choose a shorter range or a narrower query, then search again.',
      { cause: error },
    );
  }
  return new ConsoleError(
    'ERR_WARREN_STORE_UNREACHABLE',
    502,
    `The log store at ${shownUrl(url)} does not answer (${reasonOf(error)}): start it, or check the setting of its address.`,
    { cause: error },
  );
}

function responseError(error: errors.ResponseError, url: string): ConsoleError {
  const status = error.statusCode ?? 500;
  const body = error.body as { error?: Cause | string } | undefined;
  const causes = typeof body?.error === 'object' ? causesOf(body.error) : [];
  if (status === 400 && causes.some((each) => QUERY_TYPES.test(each.type ?? ''))) {
    const { message, column } = queryLine(causes);
    return new ConsoleError('ERR_WARREN_QUERY', 400, message, { cause: error, column });
  }
  if (status === 401 || status === 403) {
    const message = `The log store at ${shownUrl(url)} refuses access (${status}): check user and password in its address.`;
    return new ConsoleError('ERR_WARREN_STORE_ACCESS', 502, message, { cause: error });
  }
  const reason = causes[0]?.reason ?? (typeof body?.error === 'string' ? body.error : error.message);
  const message = `The log store answered ${status}: ${firstLine(reason)}`;
  return new ConsoleError('ERR_WARREN_STORE_REFUSED', status === 404 ? 404 : 502, message, { cause: error });
}
