/** Lets users in by password, token or certificate, counts them, and slows down those who guess. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Identity, Peer } from '../transport/gate.js';
import { isLoopback } from '../transport/peer-address.js';
import { InternalIdentity, type KnownUsers } from './internal-identity.js';
import type { LoginAttempts, LoginProtocol } from './login-attempts.js';
import type { LoginThrottle } from './login-throttle.js';
import { looksLikeToken, type OAuth, TokenError } from './oauth/oauth.js';
import type { TokenIdentity } from './oauth/token-identity.js';
import { PasswordCheck } from './password-check.js';
import { Slots } from './slots.js';

/** The user whose password everybody knows. */
export const GUEST = 'guest';

/** Of user names in the log, which whoever knocks may choose. */
const NAME_LENGTH_MAX = 255;

/** Passwords that are looked at at a time. */
const TURNS = 2;

/** What comes of a log-in: somebody, or why not, as RabbitMQ's management API says it. */
export type LogInOutcome =
  | { readonly identity: Identity }
  | {
      readonly identity: undefined;
      readonly reason: 'Login failed' | 'User can only log in via localhost';
    };

const FAILED: LogInOutcome = { identity: undefined, reason: 'Login failed' };
const REMOTE_GUEST: LogInOutcome = { identity: undefined, reason: 'User can only log in via localhost' };

export interface LogInParts extends KnownUsers {
  readonly attempts: LoginAttempts;
  readonly throttle: LoginThrottle;
  readonly oauth: OAuth | undefined;
  readonly guestFromAnywhere: boolean;
  readonly log: Logger | undefined;
}

export class LogIn {
  private readonly parts: LogInParts;
  private readonly passwords: PasswordCheck;
  /**
   * Each is judged when its turn has come, by what those before it came to: of very many guesses at once a
   * few are looked at, and of very many clients that come back at once with the same password one or two.
   */
  private readonly turns = new Slots(TURNS);

  constructor(parts: LogInParts) {
    this.parts = parts;
    this.passwords = new PasswordCheck(parts.users);
  }

  /** By user and password; the password may be a token, and then says who it is. */
  async byPassword(
    user: string,
    password: string,
    peer: Peer,
    protocol: LoginProtocol,
  ): Promise<LogInOutcome> {
    const { oauth } = this.parts;
    if (oauth !== undefined && looksLikeToken(password)) return this.byToken(password, peer, protocol, user);
    const asked = await this.turns.run(() => this.ask(user, password, peer, protocol));
    if (typeof asked !== 'number') return asked;
    await wait(asked, undefined, { ref: false });
    return this.turns.run(() => this.check(user, password, peer, protocol));
  }

  /** What comes of it, or how many milliseconds it has to wait. */
  private async ask(
    user: string,
    password: string,
    peer: Peer,
    protocol: LoginProtocol,
  ): Promise<LogInOutcome | number> {
    const waitMs = this.parts.throttle.admit(peer.remoteAddress, user);
    if (waitMs === undefined) return this.refuse(user, peer, protocol, 'too many log-ins have failed');
    return waitMs > 0 ? waitMs : this.check(user, password, peer, protocol);
  }

  private async check(
    user: string,
    password: string,
    peer: Peer,
    protocol: LoginProtocol,
  ): Promise<LogInOutcome> {
    const { throttle, guestFromAnywhere } = this.parts;
    if (!(await this.passwords.isRight(user, password))) {
      throttle.failed(peer.remoteAddress, user);
      return this.refuse(user, peer, protocol, 'the user or the password is wrong');
    }
    const isLocal = isLoopback(peer.remoteAddress) && peer.relayed !== true;
    if (user === GUEST && !guestFromAnywhere && !isLocal) {
      return this.refuse(user, peer, protocol, 'guest may log in from this machine only', REMOTE_GUEST);
    }
    throttle.succeeded(peer.remoteAddress, user);
    return this.admit(new InternalIdentity(user, this.parts), peer, protocol);
  }

  /** By a token; without OAuth none is right. */
  async byToken(token: string, peer: Peer, protocol: LoginProtocol, user = ''): Promise<LogInOutcome> {
    const identity = await this.checkToken(token);
    if (identity instanceof TokenError) return this.refuse(user, peer, protocol, identity.message);
    return this.admit(identity, peer, protocol);
  }

  /** By a certificate, which TLS has checked: what is left is whether there is such a user. */
  byCertificate(peer: Peer, protocol: LoginProtocol): LogInOutcome {
    const name = peer.certificateName;
    if (name === undefined || !this.parts.users.has(name)) {
      return this.refuse(name ?? '', peer, protocol, 'the certificate is no user’s');
    }
    return this.admit(new InternalIdentity(name, this.parts), peer, protocol);
  }

  /** What is no log-in at all. */
  refuseMalformed(peer: Peer, protocol: LoginProtocol): LogInOutcome {
    return this.refuse('', peer, protocol, 'the mechanism is not offered, or its response makes no sense');
  }

  /** Checks a new token of somebody who is in; nobody becomes another so. */
  async renew(identity: TokenIdentity, token: string): Promise<TokenIdentity | undefined> {
    const renewed = await this.checkToken(token);
    const { user } = identity;
    if (renewed instanceof TokenError) {
      this.parts.log?.warn({ user, reason: renewed.message }, 'A new token was refused');
      return undefined;
    }
    if (renewed.user === user) return renewed;
    this.parts.log?.warn({ user, reason: 'it is another user’s' }, 'A new token was refused');
    return undefined;
  }

  /** To be called when a user has another password, or has gone. */
  forget(user: string): void {
    this.passwords.forget(user);
  }

  private async checkToken(token: string): Promise<TokenIdentity | TokenError> {
    try {
      const { oauth } = this.parts;
      return oauth === undefined
        ? new TokenError('there is no OAuth 2 here')
        : await oauth.authenticate(token);
    } catch (error) {
      if (error instanceof TokenError) return error;
      throw error;
    }
  }

  private admit(identity: Identity, { remoteAddress }: Peer, protocol: LoginProtocol): LogInOutcome {
    this.parts.attempts.count(protocol, remoteAddress, identity.user, true);
    return { identity };
  }

  private refuse(
    user: string,
    { remoteAddress }: Peer,
    protocol: LoginProtocol,
    reason: string,
    outcome = FAILED,
  ): LogInOutcome {
    const name = user.slice(0, NAME_LENGTH_MAX);
    this.parts.attempts.count(protocol, remoteAddress, name, false);
    this.parts.log?.warn({ user: name, remoteAddress, protocol, reason }, 'A log-in was refused');
    return outcome;
  }
}
