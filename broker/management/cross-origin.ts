/**
 * Keeps pages of other sites from changing anything: a browser sends the password it knows, or one in the
 * address, with whatever form a page of anybody's has it post, and the page need not see the answer.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Not by a page of another site, as far as the browser tells: itself, or the user by the address bar. */
const OWN_SITES: readonly unknown[] = ['same-origin', 'none'];

/**
 * Whether a browser sends a request for a page from elsewhere. Programs send neither of the headers.
 *
 * A proxy in front may have put another name into `host`; what it says of that in `x-forwarded-host` no
 * page can say without being allowed to first.
 */
export function isCrossOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return !OWN_SITES.includes(site);
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return ![host, headers['x-forwarded-host']].includes(hostOf(origin));
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
