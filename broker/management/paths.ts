/**
 * Paths as RabbitMQ takes them: cut at the slashes first, decoded then, and once. `/api/queues/%2F/a%2Fb`
 * is the queue `a/b` of `/`, and `%252F` is the name `%2F`.
 */
import { HttpError } from './http-error.js';

/** The path of a request's target, which may name the server before it, as for a proxy (RFC 9112, 3.2.2). */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
}

/** What is asked besides the path. */
export function queryOf(url: string): URLSearchParams {
  const query = url.indexOf('?');
  return new URLSearchParams(query === -1 ? '' : url.slice(query));
}

/** The segments of a path, still encoded; a slash at the end makes none. */
export function segmentsOf(path: string): string[] {
  const segments = path.split('/');
  if (segments.length > 2 && segments.at(-1) === '') segments.pop();
  return segments.slice(1);
}

/** Whether a pattern such as `/api/queues/:vhost` is one of a path's segments. */
export function matchesPattern(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, at) => part.startsWith(':') || part === segments[at]);
}

/** Whether there is nothing of a pattern to fill in. */
export function isFixed(pattern: readonly string[]): boolean {
  return !pattern.some((part) => part.startsWith(':'));
}

/** What stands for each `:name` of a pattern, decoded. @throws HttpError 400 for what is no encoding of UTF-8 */
export function parametersOf(
  pattern: readonly string[],
  segments: readonly string[],
): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [at, part] of pattern.entries()) {
    if (part.startsWith(':')) parameters.set(part.slice(1), decode(segments[at] ?? ''));
  }
  return parameters;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, undefined);
  }
}
