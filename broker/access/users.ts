/**
 * Who may log in. The user `guest` may from the loopback only, as in RabbitMQ; the first start on a
 * data directory makes an administrator with a random password, which is told once and kept as a hash.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store, UserRow } from '../store/store.js';
import type { Gate, Identity, Peer } from '../transport/gate.js';
import { parseCredentials } from './credentials.js';
import { hashPassword, verifyPassword } from './password.js';

const GUEST = 'guest';
const GUEST_COST = 2;
const ADMINISTRATOR = 'admin';
const PASSWORD_BYTES = 18;
/** Log-ins remembered, so that a client that reconnects does not cost a hash each time. */
const VERIFIED_MAX = 256;

/** A hash that no password has. */
const NO_PASSWORD = '';

export interface NewUser {
  readonly name: string;
  readonly password?: string;
}

export interface FirstRunAdministrator {
  readonly user: string;
  readonly password: string;
}

export class Users implements Gate {
  private readonly store: Store;
  private readonly hashes = new Map<string, string>();
  private readonly guestFromAnywhere: boolean;
  private readonly verified = new Map<string, Buffer>();

  constructor(store: Store, users: readonly UserRow[], guestFromAnywhere: boolean) {
    this.store = store;
    this.guestFromAnywhere = guestFromAnywhere;
    for (const user of users) this.hashes.set(user.name, user.passwordHash);
  }

  /** Makes the users of a first run; resolves with the administrator, whose password is told only here. */
  async makeFirst(): Promise<FirstRunAdministrator> {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    await this.makeGuest();
    await this.put(ADMINISTRATOR, await hashPassword(password), 'administrator');
    return { user: ADMINISTRATOR, password };
  }

  /** Makes the user whose password everybody knows: nothing is gained by making it slow to guess. */
  async makeGuest(): Promise<void> {
    await this.put(GUEST, await hashPassword(GUEST, GUEST_COST), 'administrator');
  }

  /** Makes users that the embedder names; without a password one logs in by certificate alone. */
  async make(users: readonly NewUser[]): Promise<void> {
    for (const { name, password } of users) {
      await this.put(name, password === undefined ? NO_PASSWORD : await hashPassword(password), '');
    }
  }

  private async put(name: string, passwordHash: string, tags: string): Promise<void> {
    this.hashes.set(name, passwordHash);
    this.store.change({ do: 'put-user', name, passwordHash, tags });
  }

  mechanisms({ certificateName }: Peer): readonly string[] {
    return certificateName === undefined ? ['PLAIN', 'AMQPLAIN'] : ['PLAIN', 'AMQPLAIN', 'EXTERNAL'];
  }

  async authenticate(mechanism: string, response: Buffer, peer: Peer): Promise<Identity | undefined> {
    if (mechanism === 'EXTERNAL') return this.byCertificate(peer.certificateName);
    const credentials = parseCredentials(mechanism, response);
    if (credentials === undefined) return undefined;
    const { user, password } = credentials;
    if (user === GUEST && !this.guestFromAnywhere && !isLoopback(peer.remoteAddress)) return undefined;
    const hash = this.hashes.get(user);
    if (hash === undefined) return undefined;
    const digest = createHash('sha256').update(hash).update('\0').update(password).digest();
    const known = this.verified.get(user);
    if (known !== undefined && timingSafeEqual(known, digest)) return unrestricted(user);
    if (!(await verifyPassword(password, hash))) return undefined;
    if (this.verified.size >= VERIFIED_MAX) this.verified.clear();
    this.verified.set(user, digest);
    return unrestricted(user);
  }

  userLimit(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** A password is as good as the one before: what is renewed are tokens. */
  async renew(identity: Identity): Promise<Identity> {
    return identity;
  }

  /** EXTERNAL (RFC 4422, appendix A): TLS has shown who it is; what is left is whether there is such a user. */
  private byCertificate(name: string | undefined): Identity | undefined {
    return name !== undefined && this.hashes.has(name) ? unrestricted(name) : undefined;
  }
}

/** Whoever may log in may do everything. */
export function unrestricted(user: string): Identity {
  const yes = (): boolean => true;
  return { user, tags: [], expiresAt: undefined, mayEnter: yes, may: yes, mayRoute: yes };
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || plain === 'localhost' || plain.startsWith('127.');
}
