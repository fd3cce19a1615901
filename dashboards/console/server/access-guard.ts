/**
 * Keeps other web pages out.
 *
 * The console has no login and listens on loopback, where every page open in the user's browser could
 * reach it. Two checks stop that: the Host header must be a name the console knows (a rebound DNS name
 * is not), and a request that changes something or tails must come from the console's own page.
 */
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConsoleError } from './console-error.js';

/** Everything the page may load is its own; no inline script or style, no framing, no forms elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Sent with every reply, and with the live tail's. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** The name in a Host header, without the port. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/** Decides who is let in. */
export class AccessGuard {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  /**
   * @param host the address that is listened on; with a wildcard every IP address is a known name,
   *   since only names can be rebound
   * @param hostNames further names, for a proxy in front
   */
  constructor(host: string, hostNames: readonly string[]) {
    const own = isIP(host) === 6 ? `[${host}]` : host;
    this.#names = new Set([...LOOPBACK_NAMES, own, ...hostNames].map((name) => name.toLowerCase()));
    this.#anyAddress = host === '0.0.0.0' || host === '::';
  }

  /** Checks every request of a server and adds the headers to every reply. */
  protect(server: FastifyInstance): void {
    server.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(SECURITY_HEADERS);
      this.#checkHost(request.headers.host);
      if (request.url.startsWith('/api/')) {
        reply.header('cache-control', 'no-store');
        this.#checkOrigin(request);
      }
    });
  }

  #checkHost(host: string | undefined): void {
    const name = hostName(host ?? '');
    const address = this.#anyAddress && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    if (this.#names.has(name) || address) return;
    throw new ConsoleError(
      'ERR_WARREN_CONSOLE_HOST',
      421,
      `The console is not known as “${name.slice(0, 100)}”: add the name to its host names, or use its address.`,
    );
  }

  #checkOrigin(request: FastifyRequest): void {
    const { origin, host } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    const foreignSite = site !== undefined && site !== 'same-origin' && (changes || site !== 'none');
    const foreignOrigin = origin !== undefined && originHost(origin) !== host?.toLowerCase();
    const unknown = changes && site === undefined && origin === undefined;
    if (!foreignSite && !foreignOrigin && !unknown) return;
    throw new ConsoleError(
      'ERR_WARREN_CONSOLE_ORIGIN',
      403,
      'This request does not come from the console’s own page (its Origin or Sec-Fetch-Site header says so).',
    );
  }
}

function originHost(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
