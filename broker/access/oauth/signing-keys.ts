/** Keys for the signatures of tokens: those that the operator gave, and the authorization server's. */
import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { errors, type JWK, type JWTHeaderParameters, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { type OAuthOptions, OAuthOptionsError } from './oauth-options.js';
import { discoverKeys, RemoteKeys } from './remote-keys.js';

/**
 * Makes the look-up of keys that `options` say.
 *
 * @throws OAuthOptionsError when a key is none
 */
export function signingKeys(options: OAuthOptions, log: Logger | undefined): JWTVerifyGetKey {
  const given = new Map(
    Object.entries(options.signingKeys ?? {}).map(([id, key]) => [id, readKey(id, key)] as const),
  );
  const remote = remoteKeys(options, given.size > 0, log);
  return (header, token) => {
    const id = header.kid ?? options.defaultKey;
    const key = id === undefined ? undefined : given.get(id);
    if (key !== undefined) return fitting(key, header);
    if (remote === undefined) throw new errors.JWKSNoMatchingKey();
    return remote.find(id === undefined ? header : { ...header, kid: id }, token);
  };
}

function remoteKeys(
  options: OAuthOptions,
  hasGiven: boolean,
  log: Logger | undefined,
): RemoteKeys | undefined {
  const { jwksUrl, issuer } = options;
  if (jwksUrl !== undefined) return new RemoteKeys(async () => jwksUrl, log);
  if (issuer === undefined || hasGiven) return undefined;
  return new RemoteKeys(() => discoverKeys(issuer), log);
}

/** So that nobody signs with what is public as if it were the shared secret. */
function fitting(key: KeyObject, { alg = '' }: Partial<JWTHeaderParameters>): KeyObject {
  if (alg.startsWith('HS') === (key.type === 'secret')) return key;
  throw new errors.JOSEAlgNotAllowed('"alg" (Algorithm) Header Parameter value not allowed');
}

function readKey(id: string, key: string | JWK): KeyObject {
  try {
    if (typeof key === 'string') return createPublicKey(key);
    if (key.kty === 'oct') return createSecretKey(Buffer.from(key.k as string, 'base64url'));
    return createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
  } catch (error) {
    throw new OAuthOptionsError(`oauth: signing key ${id} is neither PEM nor a JWK`, { cause: error });
  }
}
