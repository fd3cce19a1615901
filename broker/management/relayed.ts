/** Requests that come from this machine's own address, and from who knows where. */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../transport/peer-address.js';

/**
 * Whether a request has been relayed: by a proxy on this machine that says for whom, or by a browser on it
 * for a page whose own name has been made to mean this machine.
 */
export function isRelayed(headers: IncomingHttpHeaders): boolean {
  const { host, forwarded, 'x-forwarded-for': clients } = headers;
  if (forwarded !== undefined) return true;
  if (clients !== undefined && !String(clients).split(',').every(isLocal)) return true;
  return host !== undefined && !isLocal(hostnameOf(host));
}

function hostnameOf(host: string): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : host;
}

/** `127.example.com` is anybody's. */
function isLocal(name: string): boolean {
  const plain = name.trim();
  if (isIP(plain) !== 0) return isLoopback(plain);
  return plain === 'localhost' || plain.endsWith('.localhost');
}
