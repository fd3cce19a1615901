/** The server that management listens by, with TLS or without, and how long its clients may take. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ServerCertificate } from '../transport/server-certificate.js';

/** How long a client may take for the headers of a request, for all of it, and for its part of TLS. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 60_000 } as const;
const HANDSHAKE_MS = 10_000;

export function makeListener(listener: RequestListener, certificate: ServerCertificate | undefined): Server {
  if (certificate === undefined) return createServer(LIMITS, listener);
  const options = { ...certificate.serverOptions, ...LIMITS, handshakeTimeout: HANDSHAKE_MS };
  const server = createSecureServer(options, listener);
  server.on('secureConnection', (socket: TLSSocket) => {
    // A certificate that nobody vouches for is worse than none.
    const shown = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if (shown && !socket.authorized) socket.destroy();
  });
  certificate.attach(server);
  server.on('close', () => certificate.detach(server));
  return server;
}
