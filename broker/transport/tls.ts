/** TLS for the listener: what an operator sets, and the name that a peer's certificate proves. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type TLSSocket } from 'node:tls';

/** PEM texts, and what is asked of a peer. RabbitMQ's `ssl_options`. */
export interface TlsOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
  /** The authorities that peers' certificates are checked against. */
  readonly authority?: string | Buffer | undefined;
  /** Ask peers for a certificate and refuse one that no authority vouches for. */
  readonly verifyPeer?: boolean;
  /** Refuse peers that show no certificate; with `verifyPeer` only. */
  readonly failIfNoPeerCertificate?: boolean;
  /** Whose name logs in by EXTERNAL: the whole subject (RFC 2253), or its common name alone. */
  readonly loginFrom?: 'distinguished_name' | 'common_name';
}

/**
 * Checks that certificate, key and authority can be used together.
 *
 * @throws Error in OpenSSL's words
 */
export function checkTls(options: TlsOptions): void {
  const { certificate, key, authority } = options;
  createSecureContext({ cert: certificate, key, ca: authority });
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
