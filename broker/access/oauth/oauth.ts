/**
 * Log-ins by the tokens of an OAuth 2 authorization server: JSON Web Tokens whose signature, audience,
 * issuer and times are checked, and whose scopes are what the holder may do. Nobody is asked while a
 * token is checked, but for public keys that are not there yet.
 */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { checkOAuthOptions, type OAuthOptions, PUBLIC_KEY_ALGORITHMS } from './oauth-options.js';
import { signingKeys } from './signing-keys.js';
import { TokenIdentity } from './token-identity.js';
import { tagsOf, tokenScopes } from './token-scopes.js';

/** By how much clocks may differ. */
const SKEW_SECONDS = 5;
const TOKEN_LENGTH_MAX = 65_536;
const USERNAME_CLAIMS = ['sub', 'client_id'];
/** As RabbitMQ calls whoever's token does not say. */
const UNKNOWN_USER = 'unknown';

/** Why a token is refused; never with the token in it. */
export class TokenError extends Error {}

export class OAuth {
  private readonly options: OAuthOptions;
  private readonly key: JWTVerifyGetKey;

  /** @throws OAuthOptionsError when the options cannot be */
  constructor(options: OAuthOptions, log: Logger | undefined) {
    checkOAuthOptions(options);
    this.options = options;
    this.key = signingKeys(options, log);
  }

  /** Checks a token; rejects with a TokenError when it is refused. */
  async authenticate(token: string): Promise<TokenIdentity> {
    if (token.length > TOKEN_LENGTH_MAX) throw new TokenError('the token is too long');
    const claims = await this.verify(token);
    if (this.options.verifyAudience !== false && !this.isForUs(claims)) {
      throw new TokenError('the token is for another audience');
    }
    const scopes = tokenScopes(claims, this.options);
    if (scopes === undefined) throw new TokenError('the token has too many scopes');
    const expiresAt = ((claims.exp as number) + SKEW_SECONDS) * 1000;
    return new TokenIdentity({ user: this.userOf(claims), tags: tagsOf(scopes), scopes, claims, expiresAt });
  }

  private async verify(token: string): Promise<JWTPayload> {
    const { issuer, algorithms = PUBLIC_KEY_ALGORITHMS } = this.options;
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [...algorithms],
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ['exp'],
        ...(issuer === undefined ? {} : { issuer }),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) {
        throw new TokenError(error.message, { cause: error });
      }
      throw error;
    }
  }

  /** A list, or a text of several (RFC 7519 has it be one). */
  private isForUs({ aud }: JWTPayload): boolean {
    const audience = typeof aud === 'string' ? aud.split(' ') : aud;
    return Array.isArray(audience) && audience.includes(this.options.resourceServerId);
  }

  private userOf(claims: JWTPayload): string {
    const names = [...(this.options.preferredUsernameClaims ?? []), ...USERNAME_CLAIMS];
    const found = names
      .map((name) => claims[name])
      .find((value) => typeof value === 'string' && value !== '');
    return (found as string | undefined) ?? UNKNOWN_USER;
  }
}

/** Whether a password looks like a token: three parts in base64url, the first of which is a JWT's header. */
export function looksLikeToken(password: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(password);
}
