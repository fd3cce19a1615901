/**
 * Checks passwords against users' hashes. What has been right is remembered as a digest for as long as
 * the user keeps the password, so that a client that reconnects does not cost a derivation each time.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { verifyPassword } from './password.js';
import { RecentMap } from './recent-map.js';
import type { Users } from './users.js';

const REMEMBERED_MAX = 256;
const KEY_BYTES = 32;

export class PasswordCheck {
  private readonly users: Users;
  private readonly remembered = new RecentMap<Buffer>(REMEMBERED_MAX);
  /** So that what is remembered is of no use to whoever reads this process's memory in a dump. */
  private readonly key = randomBytes(KEY_BYTES);

  constructor(users: Users) {
    this.users = users;
  }

  /** Whether it is the user's; it takes as long for a user who is not there. */
  async isRight(user: string, password: string): Promise<boolean> {
    const hash = this.users.hashOf(user);
    const digest = createHmac('sha256', this.key).update(hash).update('\0').update(password).digest();
    const known = this.remembered.get(user);
    if (known !== undefined && timingSafeEqual(known, digest)) return true;
    if (!(await verifyPassword(password, hash))) return false;
    // In the meantime he may have got another, or have gone.
    if (this.users.hashOf(user) !== hash) return false;
    this.remembered.set(user, digest);
    return true;
  }

  /** To be called when a user's password has changed, or he has gone. */
  forget(user: string): void {
    this.remembered.delete(user);
  }
}
