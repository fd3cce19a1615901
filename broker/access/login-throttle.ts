/**
 * Makes guessing passwords slow, and nobody's log-in impossible.
 *
 * Failures are counted for the address with the user name, and for the user name; for the address the
 * user names are counted that have failed there, so that one program with a wrong password does not hold
 * up the others on its machine. After a few of them the next attempt has to wait, each time longer. Of an
 * address attempts are also kept apart, so that many at once gain nothing; what would wait too long is
 * refused unseen. A user name alone never refuses and delays a little at most, and not an address from
 * which that user has lately logged in: whoever guesses from elsewhere does not lock him out.
 */
import { originOf } from '../transport/peer-address.js';
import { RecentMap } from './recent-map.js';

export interface ThrottleLimits {
  /** Failures of a user name from an address that cost nothing. */
  readonly pairFree: number;
  /** User names that have failed at an address, or failures of a user name, that cost nothing. */
  readonly otherFree: number;
  /** The first delay; it doubles with each failure. */
  readonly delayMs: number;
  /** The most that lies between two attempts from an address. */
  readonly delayMsMax: number;
  /** The most that an attempt waits for; beyond it is refused. Well within the time for a handshake. */
  readonly waitMsMax: number;
  /** The most that a user name's failures delay. */
  readonly userDelayMsMax: number;
  /** After so long without a failure all is forgotten. */
  readonly forgetMs: number;
  /** Counts kept of each kind. */
  readonly countsMax: number;
}

const LIMITS: ThrottleLimits = {
  pairFree: 5,
  otherFree: 20,
  delayMs: 250,
  delayMsMax: 30_000,
  waitMsMax: 5_000,
  userDelayMsMax: 1_000,
  forgetMs: 600_000,
  countsMax: 10_000,
};

interface Failures {
  count: number;
  lastAt: number;
  /** When the next attempt may be made. */
  nextAt: number;
}

export class LoginThrottle {
  private readonly limits: ThrottleLimits;
  private readonly now: () => number;
  private readonly pairs: RecentMap<Failures>;
  private readonly addresses: RecentMap<Failures>;
  private readonly users: RecentMap<Failures>;
  /** From where users have logged in, and when. */
  private readonly trusted: RecentMap<number>;

  /** @param now milliseconds of a clock that only goes forwards */
  constructor(limits: Partial<ThrottleLimits> = {}, now: () => number = () => performance.now()) {
    this.limits = { ...LIMITS, ...limits };
    this.now = now;
    const { countsMax } = this.limits;
    this.pairs = new RecentMap(countsMax);
    this.addresses = new RecentMap(countsMax);
    this.users = new RecentMap(countsMax);
    this.trusted = new RecentMap(countsMax);
  }

  /** How much it remembers, of all kinds. */
  get counts(): number {
    return this.pairs.size + this.addresses.size + this.users.size + this.trusted.size;
  }

  /**
   * Asks to check a password.
   *
   * @returns how many milliseconds to wait with it; undefined when it is not to be checked at all
   */
  admit(address: string, user: string): number | undefined {
    const now = this.now();
    const origin = originOf(address);
    const pair = pairOf(origin, user);
    const trustedAt = this.trusted.get(pair);
    const trusted = trustedAt !== undefined && now - trustedAt < this.limits.forgetMs;
    const spaced = [this.current(this.pairs, pair, now)];
    if (!trusted) spaced.push(this.current(this.addresses, origin, now));
    const { pairFree, otherFree, delayMs, waitMsMax, userDelayMsMax } = this.limits;
    let startAt = now;
    for (const failures of spaced) if (failures !== undefined) startAt = Math.max(startAt, failures.nextAt);
    if (startAt - now > waitMsMax) return undefined;
    const [ofPair, ofAddress] = spaced;
    if (ofPair !== undefined) ofPair.nextAt = startAt + this.delay(ofPair.count - pairFree);
    if (ofAddress !== undefined) ofAddress.nextAt = startAt + this.delay(ofAddress.count - otherFree);
    const ofUser = trusted ? undefined : this.current(this.users, user, now);
    if (ofUser === undefined || ofUser.count <= otherFree) return startAt - now;
    const userDelay = Math.min(delayMs * 2 ** (ofUser.count - otherFree - 1), userDelayMsMax);
    return Math.max(startAt - now, userDelay);
  }

  failed(address: string, user: string): void {
    const now = this.now();
    const origin = originOf(address);
    const failures = this.count(this.pairs, pairOf(origin, user), now, this.limits.pairFree);
    if (failures === 1) this.count(this.addresses, origin, now, this.limits.otherFree);
    this.count(this.users, user, now, this.limits.otherFree);
  }

  succeeded(address: string, user: string): void {
    const pair = pairOf(originOf(address), user);
    this.pairs.delete(pair);
    this.trusted.set(pair, this.now());
  }

  private count(kind: RecentMap<Failures>, key: string, now: number, free: number): number {
    const failures = this.current(kind, key, now) ?? { count: 0, lastAt: now, nextAt: now };
    failures.count++;
    failures.lastAt = now;
    failures.nextAt = Math.max(failures.nextAt, now + this.delay(failures.count - free));
    kind.set(key, failures);
    return failures.count;
  }

  private current(kind: RecentMap<Failures>, key: string, now: number): Failures | undefined {
    const failures = kind.get(key);
    if (failures === undefined || now - failures.lastAt < this.limits.forgetMs) return failures;
    kind.delete(key);
    return undefined;
  }

  private delay(beyond: number): number {
    if (beyond <= 0) return 0;
    return Math.min(this.limits.delayMs * 2 ** (beyond - 1), this.limits.delayMsMax);
  }
}

function pairOf(origin: string, user: string): string {
  return `${origin} ${user}`;
}
