/**
 * The errors the console answers with: one code, one line that says what and what to do, one status.
 */

/** An error that the page shows as it stands. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';
  readonly code: string;
  readonly statusCode: number;
  /** Where in the query it is, counted from 1; only for errors of the query. */
  readonly column: number | undefined;

  constructor(
    code: string,
    statusCode: number,
    message: string,
    options: { cause?: unknown; column?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.statusCode = statusCode;
    this.column = options.column;
  }
}

/** A URL as it may be shown: without user and password. */
export function shownUrl(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    return parsed.href.replace(/\/$/, '');
  } catch {
    return '(not a URL)';
  }
}

/** The system's or the library's reason in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof AggregateError && error.errors[0] !== undefined) return reasonOf(error.errors[0]);
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
  return (error.message.split('\n')[0] ?? '').slice(0, 300) || error.name;
}
