/** Gathers the scopes of a token from wherever authorization servers put them, as RabbitMQ's plugin does. */
import type { OAuthOptions } from './oauth-options.js';
import { richAuthorizationScopes } from './rich-authorization.js';

export type Claims = Readonly<Record<string, unknown>>;

/** More are refused. */
const SCOPES_MAX = 2_048;
/** Where Keycloak puts what a requesting party token allows. */
const REQUESTING_PARTY_PATH = 'authorization.permissions.scopes';

/**
 * The scopes of a token that are meant for this broker, without their prefix, each once.
 *
 * @returns undefined when there are too many
 */
export function tokenScopes(claims: Claims, options: OAuthOptions): readonly string[] | undefined {
  const scopes = scopesOf(claims['scope'], options.resourceServerId);
  scopes.push(...scopesAt(claims, REQUESTING_PARTY_PATH, options.resourceServerId));
  for (const path of words(options.additionalScopesKey ?? '')) {
    scopes.push(...scopesAt(claims, path, options.resourceServerId));
  }
  scopes.push(...scopes.flatMap((scope) => aliasesOf(scope, options)));
  scopes.push(...richAuthorizationScopes(claims, options));
  const prefix = options.scopePrefix ?? `${options.resourceServerId}.`;
  const ours = scopes.filter((scope) => scope.startsWith(prefix)).map((scope) => scope.slice(prefix.length));
  const distinct = [...new Set(ours)];
  return distinct.length > SCOPES_MAX ? undefined : distinct;
}

/** Tags that scopes give: `tag:administrator`. */
export function tagsOf(scopes: readonly string[]): readonly string[] {
  const tags = scopes.filter((scope) => scope.startsWith('tag:')).map((scope) => scope.slice(4));
  return tags.filter((tag) => tag !== '').sort();
}

function aliasesOf(scope: string, { scopeAliases = {} }: OAuthOptions): readonly string[] {
  if (!Object.hasOwn(scopeAliases, scope)) return [];
  const aliases = scopeAliases[scope];
  return typeof aliases === 'string' ? words(aliases) : (aliases ?? []);
}

/** A text of scopes, a list of them, or one of these for each resource server, without its prefix. */
function scopesOf(value: unknown, resourceServerId: string): string[] {
  if (typeof value === 'string') return words(value);
  if (Array.isArray(value)) return value.filter((scope) => typeof scope === 'string');
  if (!isRecord(value) || !Object.hasOwn(value, resourceServerId)) return [];
  const own = value[resourceServerId];
  const scopes = typeof own === 'string' || Array.isArray(own) ? scopesOf(own, resourceServerId) : [];
  return scopes.map((scope) => `${resourceServerId}.${scope}`);
}

/** The scopes at the end of a path of names, through lists on the way. */
function scopesAt(claims: Claims, path: string, resourceServerId: string): string[] {
  let values: unknown[] = [claims];
  for (const name of path.split('.').filter((part) => part !== '')) {
    values = values
      .flatMap((value) => (Array.isArray(value) ? value : [value]))
      .filter((value) => isRecord(value) && Object.hasOwn(value, name))
      .map((value) => (value as Claims)[name]);
  }
  return values.flatMap((value) => scopesOf(value, resourceServerId));
}

function isRecord(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
