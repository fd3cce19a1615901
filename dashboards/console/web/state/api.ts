/** Asks the console's server. */
import type { ApiError } from '../../model/api.js';

/** An error that the server answered with, or that it did not answer at all. */
export class RequestError extends Error {
  readonly code: string;
  readonly column: number | undefined;

  constructor(code: string, message: string, column?: number) {
    super(message);
    this.code = code;
    this.column = column;
  }
}

/** Parameters of a request; lists are repeated. */
export type Parameters = Record<string, string | number | readonly string[] | null>;

/** An address below `/api/`. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) continue;
    if (typeof value === 'object') for (const each of value) search.append(name, each);
    else search.append(name, String(value));
  }
  const text = search.toString();
  return `/api/${path}${text === '' ? '' : `?${text}`}`;
}

/** Reads something. */
export function read<Reply>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<Reply> {
  return ask<Reply>(apiUrl(path, parameters), signal ? { signal } : {});
}

/** Changes something. */
export function change<Reply>(path: string, body: unknown = {}): Promise<Reply> {
  return ask<Reply>(apiUrl(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Whether an error is only that a newer request took the place of this one. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Any error as one of ours. */
export function requestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  return new RequestError('ERR_WARREN_PAGE', error instanceof Error ? error.message : String(error));
}

async function ask<Reply>(url: string, init: RequestInit): Promise<Reply> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new RequestError(
      'ERR_WARREN_CONSOLE_UNREACHABLE',
      'The console’s server does not answer. Start it again (`warren up` or `warren console`); this page goes on by itself.',
    );
  }
  if (response.ok) return (await response.json()) as Reply;
  const body = (await response.json().catch(() => null)) as ApiError | null;
  const message = body?.error.message ?? `The console’s server answered ${response.status}.`;
  throw new RequestError(body?.error.code ?? 'ERR_WARREN_PAGE', message, body?.error.column);
}
