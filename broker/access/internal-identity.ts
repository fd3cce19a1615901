/** A user the broker knows, who may do what the permissions say at the time he asks. */
import type { Identity, Permission } from '../transport/gate.js';
import type { Permissions } from './permissions.js';
import type { TopicPermissions } from './topic-permissions.js';
import type { Users } from './users.js';

export interface KnownUsers {
  readonly users: Users;
  readonly permissions: Permissions;
  readonly topicPermissions: TopicPermissions;
}

export class InternalIdentity implements Identity {
  readonly user: string;
  readonly expiresAt = undefined;
  private readonly known: KnownUsers;

  constructor(user: string, known: KnownUsers) {
    this.user = user;
    this.known = known;
  }

  get tags(): readonly string[] {
    return this.known.users.tagsOf(this.user);
  }

  mayEnter(virtualHost: string): boolean {
    return this.known.permissions.mayEnter(this.user, virtualHost);
  }

  may(permission: Permission, virtualHost: string, name: string): boolean {
    return this.known.permissions.may(this.user, permission, virtualHost, name);
  }

  mayRoute(permission: 'write' | 'read', virtualHost: string, exchange: string, routingKey: string): boolean {
    return this.known.topicPermissions.mayRoute(this.user, permission, virtualHost, exchange, routingKey);
  }
}
