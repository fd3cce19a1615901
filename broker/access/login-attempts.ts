/** Counts log-ins, by protocol and by where they come from, as RabbitMQ shows them under `/api/auth/attempts`. */
import { RecentMap } from './recent-map.js';

export type LoginProtocol = 'amqp091' | 'http';

/** In RabbitMQ's names. */
export interface LoginCounts {
  readonly protocol: LoginProtocol;
  auth_attempts: number;
  auth_attempts_failed: number;
  auth_attempts_succeeded: number;
}

export interface LoginCountsBySource extends LoginCounts {
  readonly remote_address: string;
  readonly username: string;
}

/** Sources kept; the one that was longest quiet makes room. */
const SOURCES_MAX = 1_000;
/** Of a user name, which whoever knocks may choose. */
const NAME_LENGTH_MAX = 255;

export class LoginAttempts {
  private readonly byProtocol = new Map<LoginProtocol, LoginCounts>();
  private readonly sources = new RecentMap<LoginCountsBySource>(SOURCES_MAX);

  count(protocol: LoginProtocol, remoteAddress: string, user: string, succeeded: boolean): void {
    const zero = { auth_attempts: 0, auth_attempts_failed: 0, auth_attempts_succeeded: 0 };
    let total = this.byProtocol.get(protocol);
    if (total === undefined) {
      total = { protocol, ...zero };
      this.byProtocol.set(protocol, total);
    }
    increase(total, succeeded);
    const username = user.slice(0, NAME_LENGTH_MAX);
    const key = `${protocol} ${remoteAddress} ${username}`;
    let source = this.sources.get(key);
    if (source === undefined) {
      source = { remote_address: remoteAddress, username, protocol, ...zero };
      this.sources.set(key, source);
    }
    increase(source, succeeded);
  }

  totals(): LoginCounts[] {
    return [...this.byProtocol.values()];
  }

  bySource(): LoginCountsBySource[] {
    return [...this.sources.values()];
  }

  reset(): void {
    this.byProtocol.clear();
    this.sources.clear();
  }
}

function increase(counts: LoginCounts, succeeded: boolean): void {
  counts.auth_attempts++;
  if (succeeded) counts.auth_attempts_succeeded++;
  else counts.auth_attempts_failed++;
}
