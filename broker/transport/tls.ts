/** TLS for the listener: what an operator sets, and the name that a peer's certificate proves. */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateOptions } from './server-certificate.js';

/** RabbitMQ's `ssl_options`, the port, and how EXTERNAL reads a peer's certificate. */
export interface TlsOptions extends CertificateOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Whose name logs in by EXTERNAL: the whole subject (RFC 2253), or its common name alone. */
  readonly loginFrom?: 'distinguished_name' | 'common_name' | undefined;
}

/**
 * The subject of a certificate as RFC 2253 writes it: the most specific part first. Node gives the parts
 * escaped, one a line, in the certificate's order.
 */
function distinguishedName(certificate: X509Certificate): string {
  return certificate.subject.split('\n').reverse().join(',');
}

/** The name that a peer may log in by; undefined when it has shown no certificate that was verified. */
export function certificateName(socket: TLSSocket, loginFrom: TlsOptions['loginFrom']): string | undefined {
  if (!socket.authorized) return undefined;
  const { raw, subject } = socket.getPeerCertificate();
  if (raw === undefined) return undefined;
  if (loginFrom === 'common_name') return Array.isArray(subject.CN) ? subject.CN[0] : subject.CN;
  return distinguishedName(new X509Certificate(raw));
}

/**
 * Whether what a peer has shown is good enough. One that shows nothing has passed if TLS let it through;
 * a certificate that nobody vouches for is worse than none.
 */
export function passesVerification(socket: TLSSocket, options: CertificateOptions): boolean {
  if (!options.verifyPeer) return true;
  const shown = socket.getPeerCertificate(true);
  if (Object.keys(shown ?? {}).length === 0) return true;
  if (!socket.authorized) return false;
  return options.depth === undefined || authoritiesBetween(shown) <= options.depth;
}

/** How many authorities stand between a certificate and its root. */
function authoritiesBetween(certificate: DetailedPeerCertificate): number {
  let count = 0;
  let { issuerCertificate: issuer } = certificate;
  // A root is its own issuer.
  while (issuer !== undefined && issuer.issuerCertificate !== issuer) {
    count++;
    issuer = issuer.issuerCertificate;
  }
  return count;
}
