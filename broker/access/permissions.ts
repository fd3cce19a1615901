/** What users may do with exchanges and queues: an expression for each permission in each virtual host. */
import type { DefinitionTable } from '../store/definition-table.js';
import type { Permission } from '../transport/gate.js';
import { checkPattern, NamePermission } from './name-permission.js';

/** The expressions of a user in a virtual host. */
export interface PermissionPatterns {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

export interface UserPermission extends PermissionPatterns {
  readonly user: string;
  readonly virtualHost: string;
}

/** Of which permissions are asked for; all of them where it says nothing. */
export interface PermissionFilter {
  readonly user?: string;
  readonly virtualHost?: string;
}

/** Everything. */
export const FULL_PERMISSIONS: PermissionPatterns = { configure: '.*', write: '.*', read: '.*' };

/** By what the default exchange is checked, as in RabbitMQ. */
const DEFAULT_EXCHANGE = 'amq.default';

export class Permissions {
  private readonly table: DefinitionTable<PermissionPatterns>;
  /** By user and virtual host. */
  private readonly compiled = new Map<string, Map<string, Record<Permission, NamePermission>>>();
  /** Called when what may be done in a virtual host has changed. */
  onChange: (virtualHost: string) => void = () => undefined;

  constructor(table: DefinitionTable<PermissionPatterns>) {
    this.table = table;
    for (const { user, virtualHost, ...patterns } of this.list()) this.compile(user, virtualHost, patterns);
  }

  list({ user, virtualHost }: PermissionFilter = {}): UserPermission[] {
    const found: UserPermission[] = [];
    for (const [[name, host], patterns] of this.table.entries()) {
      if (user !== undefined && user !== name) continue;
      if (virtualHost !== undefined && virtualHost !== host) continue;
      found.push({ user: name as string, virtualHost: host as string, ...patterns });
    }
    return found;
  }

  get(user: string, virtualHost: string): UserPermission | undefined {
    const patterns = this.table.get(user, virtualHost);
    return patterns && { user, virtualHost, ...patterns };
  }

  /**
   * Gives a user permissions in a virtual host, instead of those he had.
   *
   * @returns whether he had none
   * @throws AccessError when an expression is none
   */
  put(user: string, virtualHost: string, { configure, write, read }: PermissionPatterns): boolean {
    checkPattern('configure', configure);
    checkPattern('write', write);
    checkPattern('read', read);
    const isNew = !this.mayEnter(user, virtualHost);
    this.table.put([user, virtualHost], { configure, write, read });
    this.compile(user, virtualHost, { configure, write, read });
    this.onChange(virtualHost);
    return isNew;
  }

  /** Takes a user's permissions in a virtual host; false where he has none. */
  drop(user: string, virtualHost: string): boolean {
    if (!this.table.drop(user, virtualHost)) return false;
    const hosts = this.compiled.get(user);
    hosts?.delete(virtualHost);
    if (hosts?.size === 0) this.compiled.delete(user);
    this.onChange(virtualHost);
    return true;
  }

  /** Whether a user may connect to a virtual host: whoever has permissions there, whatever they are. */
  mayEnter(user: string, virtualHost: string): boolean {
    return this.compiled.get(user)?.has(virtualHost) ?? false;
  }

  may(user: string, permission: Permission, virtualHost: string, name: string): boolean {
    const patterns = this.compiled.get(user)?.get(virtualHost);
    return patterns?.[permission].allows(name === '' ? DEFAULT_EXCHANGE : name) ?? false;
  }

  private compile(user: string, virtualHost: string, patterns: PermissionPatterns): void {
    let hosts = this.compiled.get(user);
    if (hosts === undefined) {
      hosts = new Map();
      this.compiled.set(user, hosts);
    }
    hosts.set(virtualHost, {
      configure: new NamePermission(patterns.configure),
      write: new NamePermission(patterns.write),
      read: new NamePermission(patterns.read),
    });
  }
}
