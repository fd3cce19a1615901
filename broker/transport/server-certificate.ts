/**
 * The certificate by which a server shows who it is, and what it asks of its peers': loaded, watched
 * where it comes from files, and exchanged under the servers that use it while their connections stand.
 * Knows nothing of what is spoken inside TLS. Reading and checking is in certificate-files.ts.
 */
import { constants } from 'node:crypto';
import type { SecureContextOptions, Server, TlsOptions } from 'node:tls';
import type { Logger } from 'pino';
import {
  type CertificateSource,
  fingerprintOf,
  type LoadedCertificate,
  loadCertificate,
  type SecureOptions,
  TlsError,
} from './certificate-files.js';

/** What an operator sets of TLS. */
export interface CertificateOptions extends CertificateSource, SecureOptions {
  /** Ask peers for a certificate and refuse one that no authority vouches for. Needs an authority. */
  readonly verifyPeer?: boolean | undefined;
  /** Refuse peers that show no certificate. Needs `verifyPeer`. */
  readonly failIfNoPeerCertificate?: boolean | undefined;
  /** The most authorities between a peer's certificate and its root; without it as many as OpenSSL allows. */
  readonly depth?: number | undefined;
  /** How often files are looked at for a change; 0 for never. */
  readonly watchMs?: number | undefined;
}

/** What uses a certificate: a server of node:tls or node:https. */
type SecureServer = Pick<Server, 'setSecureContext'>;

const WATCH_MS = 5000;

export class ServerCertificate {
  /** By what peers are judged. */
  readonly options: CertificateOptions;
  private readonly log: Logger | undefined;
  private readonly servers = new Set<SecureServer>();
  private source: CertificateSource;
  private loaded: LoadedCertificate;
  private timer: NodeJS.Timeout | undefined;
  /** Of the files: as they were when last loaded or refused, and when last looked at. */
  private settled: string;
  private seen: string;

  /** @throws TlsError that names the file and what is wrong with it */
  constructor(options: CertificateOptions, log?: Logger) {
    requireSense(options);
    this.options = options;
    this.log = log;
    this.source = options;
    this.settled = this.seen = fingerprintOf(options);
    this.loaded = loadCertificate(options, options);
    this.warnOfDates();
    const { watchMs = WATCH_MS } = options;
    if (watchMs > 0 && this.settled !== '') {
      this.timer = setInterval(() => this.look(), watchMs);
      this.timer.unref();
    }
  }

  /** For tls.createServer and https.createServer. */
  get serverOptions(): TlsOptions {
    const { verifyPeer = false, failIfNoPeerCertificate = false } = this.options;
    return {
      ...this.context,
      requestCert: verifyPeer,
      rejectUnauthorized: verifyPeer && failIfNoPeerCertificate,
    };
  }

  /** The certificate in force, and what leads from it to its root. */
  get pem(): string {
    return this.loaded.pem;
  }

  /** Has a server use what is loaded from now on. */
  attach(server: SecureServer): void {
    this.servers.add(server);
  }

  /** The server is closed. */
  detach(server: SecureServer): void {
    this.servers.delete(server);
  }

  /**
   * Loads it anew, from the same files or from what is given instead. Connections that stand keep what
   * they have; new ones get the new one.
   *
   * @throws TlsError when it cannot be used; the old one then stays in force
   */
  reload(replacement?: CertificateSource): void {
    const source = replacement ?? this.source;
    this.settled = this.seen = fingerprintOf(source);
    this.loaded = loadCertificate(source, this.options);
    this.source = source;
    const { context } = this;
    for (const server of this.servers) server.setSecureContext(context);
    const { subject, validTo } = this.loaded;
    this.log?.info({ subject, validTo: new Date(validTo) }, 'The TLS certificate was loaded anew');
    this.warnOfDates();
  }

  /** Looks at the files no more. */
  stop(): void {
    clearInterval(this.timer);
    this.servers.clear();
  }

  private get context(): SecureContextOptions {
    const { loaded, options } = this;
    // A session that is resumed shows its certificate, but not by whom that was vouched for.
    return options.depth === undefined
      ? loaded.context
      : { ...loaded.context, secureOptions: constants.SSL_OP_NO_TICKET };
  }

  /**
   * Files are taken when they have been the same twice: whoever writes them may have written half.
   * A refused pair is told once, and looked at again only when it changes.
   */
  private look(): void {
    const now = fingerprintOf(this.source);
    const steady = now === this.seen;
    this.seen = now;
    if (!steady || now === this.settled) return;
    try {
      this.reload();
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      this.log?.error({ err: error }, `The old TLS certificate stays in force: ${error.message}`);
    }
  }

  private warnOfDates(): void {
    const { subject, validFrom, validTo } = this.loaded;
    const now = Date.now();
    if (validTo < now)
      this.log?.warn({ subject, validTo: new Date(validTo) }, 'The TLS certificate has expired');
    if (validFrom > now) {
      this.log?.warn({ subject, validFrom: new Date(validFrom) }, 'The TLS certificate is not valid yet');
    }
  }
}

/** What is set must not be weaker than it reads. */
function requireSense(options: CertificateOptions): void {
  const { verifyPeer = false, failIfNoPeerCertificate = false, depth } = options;
  if (!verifyPeer && (failIfNoPeerCertificate || depth !== undefined)) {
    throw new TlsError(
      'peers cannot be required to show a TLS certificate that is not verified; verify peers too',
    );
  }
  if (verifyPeer && options.authority === undefined && options.authorityFile === undefined) {
    throw new TlsError(
      'peers cannot be verified without an authority; give the TLS authority that vouches for them',
    );
  }
}
