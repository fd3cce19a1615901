/** The server that management listens by, with TLS or without, and how long its clients may take. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ServerCertificate } from '../transport/server-certificate.js';
import { passesVerification } from '../transport/tls.js';

/** How long a client may take. */
export interface ListenerLimits {
  /** For the headers of a request, from when it is connected. */
  readonly headersMs?: number;
  /** For all of a request. */
  readonly requestMs?: number;
}

const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const HANDSHAKE_MS = 10_000;
/** How often Node looks who has taken too long; its own 30 s would make more of 10. */
const LOOK_MS = 1_000;

export function makeListener(
  listener: RequestListener,
  { headersMs = HEADERS_MS, requestMs = REQUEST_MS }: ListenerLimits,
  certificate: ServerCertificate | undefined,
): Server {
  const limits = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, headersMs, requestMs),
  };
  if (certificate === undefined) return createServer(limits, listener);
  const options = { ...certificate.serverOptions, ...limits, handshakeTimeout: HANDSHAKE_MS };
  const server = createSecureServer(options, listener);
  server.on('secureConnection', (socket: TLSSocket) => {
    if (!passesVerification(socket, certificate.options)) socket.destroy();
  });
  certificate.attach(server);
  server.on('close', () => certificate.detach(server));
  return server;
}
