/** Somebody who came with a token, and may do what its scopes say for as long as it holds. */
import type { Identity, Permission } from '../../transport/gate.js';
import { expandScope, matchesWildcard, parseScope, type ScopePermission } from './scope-permission.js';
import type { Claims } from './token-scopes.js';

/** Virtual hosts whose permissions are remembered; when there are more, all are forgotten. */
const REMEMBERED_MAX = 64;

export interface TokenGrant {
  readonly user: string;
  readonly tags: readonly string[];
  readonly scopes: readonly string[];
  readonly claims: Claims;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

export class TokenIdentity implements Identity {
  readonly user: string;
  readonly tags: readonly string[];
  readonly expiresAt: number;
  private readonly grant: TokenGrant;
  private readonly byVirtualHost = new Map<string, readonly ScopePermission[]>();

  constructor(grant: TokenGrant) {
    this.user = grant.user;
    this.tags = grant.tags;
    this.expiresAt = grant.expiresAt;
    this.grant = grant;
  }

  mayEnter(virtualHost: string): boolean {
    return this.permissions(virtualHost).length > 0;
  }

  may(permission: Permission, virtualHost: string, name: string): boolean {
    const asked = name === '' ? 'amq.default' : name;
    return this.permissions(virtualHost).some(
      (granted) => granted.permission === permission && matchesWildcard(asked, granted.name),
    );
  }

  mayRoute(permission: 'write' | 'read', virtualHost: string, exchange: string, routingKey: string): boolean {
    return this.permissions(virtualHost).some(
      (granted) =>
        granted.permission === permission &&
        granted.routingKey !== undefined &&
        matchesWildcard(exchange, granted.name) &&
        matchesWildcard(routingKey, granted.routingKey),
    );
  }

  /** What is granted in a virtual host; nothing any more once the token has expired. */
  private permissions(virtualHost: string): readonly ScopePermission[] {
    if (Date.now() >= this.expiresAt) return [];
    let granted = this.byVirtualHost.get(virtualHost);
    if (granted === undefined) {
      granted = this.grant.scopes
        .map((scope) => parseScope(expandScope(scope, virtualHost, this.grant.claims)))
        .filter((parsed) => parsed !== undefined)
        .filter((parsed) => matchesWildcard(virtualHost, parsed.virtualHost));
      if (this.byVirtualHost.size >= REMEMBERED_MAX) this.byVirtualHost.clear();
      this.byVirtualHost.set(virtualHost, granted);
    }
    return granted;
  }
}
