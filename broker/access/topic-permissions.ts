/**
 * What users may do with the routing keys of a topic exchange: an expression for publishing and one for
 * binding. Where there is none for an exchange, its routing keys are not looked at.
 */
import type { DefinitionTable } from '../store/definition-table.js';
import { checkPattern, NamePermission } from './name-permission.js';
import type { PermissionFilter } from './permissions.js';

export interface TopicPatterns {
  readonly write: string;
  readonly read: string;
}

export interface TopicPermission extends TopicPatterns {
  readonly user: string;
  readonly virtualHost: string;
  readonly exchange: string;
}

type Compiled = Readonly<Record<'write' | 'read', NamePermission>>;

export class TopicPermissions {
  private readonly table: DefinitionTable<TopicPatterns>;
  /** By user, virtual host and exchange: it is asked for every message. */
  private readonly compiled = new Map<string, Map<string, Map<string, Compiled>>>();
  /** Called when what may be done in a virtual host has changed. */
  onChange: (virtualHost: string) => void = () => undefined;

  constructor(table: DefinitionTable<TopicPatterns>) {
    this.table = table;
    for (const permission of this.list()) this.compile(permission);
  }

  list({ user, virtualHost }: PermissionFilter = {}): TopicPermission[] {
    const found: TopicPermission[] = [];
    for (const [[name, host, exchange], patterns] of this.table.entries()) {
      if (user !== undefined && user !== name) continue;
      if (virtualHost !== undefined && virtualHost !== host) continue;
      const key = { user: name as string, virtualHost: host as string, exchange: exchange as string };
      found.push({ ...key, ...patterns });
    }
    return found;
  }

  /**
   * Gives a user permissions on the routing keys of an exchange, instead of those he had.
   *
   * @returns whether he had none
   * @throws AccessError when an expression is none
   */
  put(user: string, virtualHost: string, exchange: string, { write, read }: TopicPatterns): boolean {
    checkPattern('write', write);
    checkPattern('read', read);
    const isNew = this.table.get(user, virtualHost, exchange) === undefined;
    this.table.put([user, virtualHost, exchange], { write, read });
    this.compile({ user, virtualHost, exchange, write, read });
    this.onChange(virtualHost);
    return isNew;
  }

  /** Takes a user's permissions on an exchange, or on all of a virtual host's; false where he has none. */
  drop(user: string, virtualHost: string, exchange?: string): boolean {
    const found = this.list({ user, virtualHost }).filter(
      (permission) => exchange === undefined || permission.exchange === exchange,
    );
    if (found.length === 0) return false;
    const hosts = this.compiled.get(user);
    for (const permission of found) {
      this.table.drop(user, virtualHost, permission.exchange);
      hosts?.get(virtualHost)?.delete(permission.exchange);
    }
    if (hosts?.get(virtualHost)?.size === 0) hosts.delete(virtualHost);
    if (hosts?.size === 0) this.compiled.delete(user);
    this.onChange(virtualHost);
    return true;
  }

  mayRoute(
    user: string,
    permission: 'write' | 'read',
    virtualHost: string,
    exchange: string,
    routingKey: string,
  ): boolean {
    const compiled = this.compiled.get(user)?.get(virtualHost)?.get(exchange);
    return compiled === undefined || compiled[permission].allows(routingKey);
  }

  private compile({ user, virtualHost, exchange, write, read }: TopicPermission): void {
    const hosts = this.compiled.get(user) ?? new Map<string, Map<string, Compiled>>();
    const exchanges = hosts.get(virtualHost) ?? new Map<string, Compiled>();
    const variables = { username: user, vhost: virtualHost };
    exchanges.set(exchange, {
      write: new NamePermission(expand(write, variables)),
      read: new NamePermission(expand(read, variables)),
    });
    hosts.set(virtualHost, exchanges);
    this.compiled.set(user, hosts);
  }
}

/**
 * Puts names in where an expression says `{username}` or `{vhost}`, to stand for themselves: a user who is
 * called `.*` is allowed no more than any other. Other braces stay.
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(variables, name)
      ? (variables[name] as string).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      : whole,
  );
}
