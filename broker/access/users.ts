/**
 * Who may log in. The user `guest` may from the loopback only, as in RabbitMQ; the first start on a
 * data directory makes an administrator with a random password, which is told once and kept as a hash.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store, UserRow } from '../store/store.js';
import type { Gate, Identity } from '../transport/gate.js';
import { parseCredentials } from './credentials.js';
import { hashPassword, verifyPassword } from './password.js';

const GUEST = 'guest';
const GUEST_COST = 2;
const ADMINISTRATOR = 'admin';
const PASSWORD_BYTES = 18;
/** Log-ins remembered, so that a client that reconnects does not cost a hash each time. */
const VERIFIED_MAX = 256;

export interface FirstRunAdministrator {
  readonly user: string;
  readonly password: string;
}

export class Users implements Gate {
  readonly mechanisms = ['PLAIN', 'AMQPLAIN'];
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

  private async put(name: string, passwordHash: string, tags: string): Promise<void> {
    this.hashes.set(name, passwordHash);
    this.store.change({ do: 'put-user', name, passwordHash, tags });
  }

  async authenticate(
    mechanism: string,
    response: Buffer,
    remoteAddress: string,
  ): Promise<Identity | undefined> {
    const credentials = parseCredentials(mechanism, response);
    if (credentials === undefined) return undefined;
    const { user, password } = credentials;
    if (user === GUEST && !this.guestFromAnywhere && !isLoopback(remoteAddress)) return undefined;
    const hash = this.hashes.get(user);
    if (hash === undefined) return undefined;
    const digest = createHash('sha256').update(hash).update('\0').update(password).digest();
    const known = this.verified.get(user);
    if (known !== undefined && timingSafeEqual(known, digest)) return { user };
    if (!(await verifyPassword(password, hash))) return undefined;
    if (this.verified.size >= VERIFIED_MAX) this.verified.clear();
    this.verified.set(user, digest);
    return { user };
  }
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || plain === 'localhost' || plain.startsWith('127.');
}
