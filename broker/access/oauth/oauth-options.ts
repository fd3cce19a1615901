/** How tokens are checked that an OAuth 2 authorization server issues, in the terms of RabbitMQ's settings. */
import type { JWK } from 'jose';

export interface OAuthOptions {
  /** What this broker is called in a token's audience and in front of its scopes. */
  readonly resourceServerId: string;
  /** What is in front of scopes instead of the identifier and a dot; empty for nothing. */
  readonly scopePrefix?: string | undefined;
  /** Takes tokens for any audience. */
  readonly verifyAudience?: boolean | undefined;
  /** Where tokens have to come from; without `jwksUrl` and `signingKeys` its keys are looked for there, too. */
  readonly issuer?: string | undefined;
  /** Where the authorization server has its public keys: https, or http on this machine. */
  readonly jwksUrl?: string | undefined;
  /** Keys by their `kid`: a public key or a certificate in PEM, or a JWK. */
  readonly signingKeys?: Readonly<Record<string, string | JWK>> | undefined;
  /** The `kid` for tokens that name none. */
  readonly defaultKey?: string | undefined;
  /** Algorithms of signatures that are taken; by default all with a public key. */
  readonly algorithms?: readonly string[] | undefined;
  /** Claims, or paths of claims, that have scopes besides `scope`. */
  readonly additionalScopesKey?: string | undefined;
  /** Scopes, or roles, and the scopes that they stand for. */
  readonly scopeAliases?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Claims that say what a user is called, the first that is there; by default `sub`, `client_id`. */
  readonly preferredUsernameClaims?: readonly string[] | undefined;
  /** The `type` of rich authorization requests that are meant for this broker; without it none is. */
  readonly resourceServerType?: string | undefined;
}

/** With a public key; a shared secret's have to be named. */
export const PUBLIC_KEY_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const SHARED_SECRET_ALGORITHMS: readonly string[] = ['HS256', 'HS384', 'HS512'];

/** An option that cannot be. */
export class OAuthOptionsError extends Error {
  readonly code = 'ERR_WARREN_BROKER_OAUTH';
}

/** @throws OAuthOptionsError that says which option is wrong, and why */
export function checkOAuthOptions(options: OAuthOptions): void {
  if (options.resourceServerId === '') fail('resourceServerId is empty');
  const { issuer, jwksUrl, signingKeys = {}, algorithms, defaultKey } = options;
  if (issuer === undefined && jwksUrl === undefined && Object.keys(signingKeys).length === 0) {
    fail('there is no issuer, no jwksUrl and no signingKeys: no token could be checked');
  }
  if (issuer !== undefined && jwksUrl === undefined && Object.keys(signingKeys).length === 0) {
    checkUrl('issuer', issuer);
  }
  if (jwksUrl !== undefined) checkUrl('jwksUrl', jwksUrl);
  if (defaultKey !== undefined && jwksUrl === undefined && !Object.hasOwn(signingKeys, defaultKey)) {
    fail(`defaultKey ${defaultKey} is none of the signingKeys`);
  }
  for (const algorithm of algorithms ?? []) {
    if (PUBLIC_KEY_ALGORITHMS.includes(algorithm) || SHARED_SECRET_ALGORITHMS.includes(algorithm)) continue;
    fail(
      `algorithm ${algorithm} is not one of ${[...PUBLIC_KEY_ALGORITHMS, ...SHARED_SECRET_ALGORITHMS].join(', ')}`,
    );
  }
}

function checkUrl(name: string, text: string): void {
  if (!isTrustworthy(text)) fail(`${name} ${text} is neither https nor http on this machine`);
}

/** Whether what is fetched from an address is what its owner sent: encrypted, or without leaving the machine. */
export function isTrustworthy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol === 'https:') return true;
  return protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function fail(why: string): never {
  throw new OAuthOptionsError(`oauth: ${why}`);
}
