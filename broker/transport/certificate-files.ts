/**
 * Reads certificate, key and authority, and checks that they can be used together before anything
 * listens with them, so that what is wrong is said in one line that names the file.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';

/** Where they come from: each as a PEM text or as the path of a file that holds one. */
export interface CertificateSource {
  /** The server's own first, then what leads from it to its root. */
  readonly certificate?: string | Buffer | undefined;
  readonly certificateFile?: string | undefined;
  readonly key?: string | Buffer | undefined;
  readonly keyFile?: string | undefined;
  /** Of an encrypted key. */
  readonly passphrase?: string | undefined;
  /** The authorities that peers' certificates are checked against. */
  readonly authority?: string | Buffer | undefined;
  readonly authorityFile?: string | undefined;
}

export interface SecureOptions {
  /** TLS 1.2 where nothing is said. */
  readonly versionMin?: SecureVersion | undefined;
  readonly versionMax?: SecureVersion | undefined;
  /** In OpenSSL's notation; Node's own list where nothing is said. */
  readonly ciphers?: string | undefined;
}

export interface LoadedCertificate {
  readonly context: SecureContextOptions;
  readonly pem: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** What keeps a certificate from being used, as a whole line. */
export class TlsError extends Error {
  readonly code = 'ERR_WARREN_TLS';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TlsError';
  }
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @throws TlsError */
export function loadCertificate(source: CertificateSource, options: SecureOptions): LoadedCertificate {
  const certificate = read('certificate', source.certificate, source.certificateFile);
  const key = read('key', source.key, source.keyFile);
  const authority = readAuthority(source);
  const [own] = parseCertificates(certificate);
  const parsedKey = parseKey(key, source.passphrase);
  if (!own.checkPrivateKey(parsedKey)) {
    throw unusable(key.name, `it does not belong to ${certificate.name}`);
  }
  const context: SecureContextOptions = {
    cert: certificate.pem,
    key: key.pem,
    ...(source.passphrase !== undefined && { passphrase: source.passphrase }),
    ...(authority !== undefined && { ca: authority.pem }),
    minVersion: options.versionMin ?? 'TLSv1.2',
    ...(options.versionMax !== undefined && { maxVersion: options.versionMax }),
    ...(options.ciphers !== undefined && { ciphers: options.ciphers }),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    throw unusable(certificate.name, reasonOf(error), error);
  }
  const { subject, validFrom, validTo } = own;
  return {
    context,
    pem: certificate.pem,
    subject,
    validFrom: Date.parse(validFrom),
    validTo: Date.parse(validTo),
  };
}

/** What changes when one of the files does; empty where there is none. A link is followed. */
export function fingerprintOf(source: CertificateSource): string {
  const files = [source.certificateFile, source.keyFile, source.authorityFile];
  return files.map((file) => (file === undefined ? '' : stateOf(file))).join('');
}

function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino},${size},${mtimeNs};`;
  } catch {
    return 'unreadable;';
  }
}

interface Pem {
  /** How it is called in an error. */
  readonly name: string;
  readonly pem: string;
}

function read(what: string, text: string | Buffer | undefined, file: string | undefined): Pem {
  const name = file === undefined ? `the TLS ${what}` : `the TLS ${what} ${file}`;
  if (file === undefined) {
    if (text === undefined) throw unusable(name, 'there is none');
    return { name, pem: text.toString() };
  }
  try {
    return { name, pem: readFileSync(file, 'utf8') };
  } catch (error) {
    throw unusable(name, reasonOf(error), error);
  }
}

function readAuthority(source: CertificateSource): Pem | undefined {
  if (source.authority === undefined && source.authorityFile === undefined) return undefined;
  const authority = read('authority', source.authority, source.authorityFile);
  parseCertificates(authority);
  return authority;
}

function parseCertificates({ name, pem }: Pem): [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(CERTIFICATES);
  // A half-written last one would be passed over in silence.
  if (blocks === null || blocks.length !== pem.split('-----BEGIN CERTIFICATE-----').length - 1) {
    throw unusable(name, 'it holds no certificate in PEM, or one that is cut off');
  }
  try {
    return blocks.map((block) => new X509Certificate(block)) as [X509Certificate];
  } catch (error) {
    throw unusable(name, reasonOf(error), error);
  }
}

function parseKey({ name, pem }: Pem, passphrase: string | undefined): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw unusable(name, 'it holds no private key in PEM');
  }
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    const encrypted = /ENCRYPTED/.test(pem);
    const wrong =
      passphrase === undefined ? 'it is encrypted and needs a passphrase' : 'its passphrase is another';
    throw unusable(name, encrypted ? wrong : reasonOf(error), error);
  }
}

function unusable(name: string, why: string, cause?: unknown): TlsError {
  return new TlsError(`${name} cannot be used: ${why}`, { cause });
}

function reasonOf(error: unknown): string {
  const { code, message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'it may not be read by this user';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return reason ?? message;
  }
}
