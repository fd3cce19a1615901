/**
 * The public keys of an authorization server. They are fetched when a token has to be checked by one that
 * is not there, though not more often than every so often, whatever tokens come; and again when they have
 * got old. While the server cannot be reached, the keys that are there go on serving for a day.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { fetchJson } from './bounded-fetch.js';
import { isTrustworthy } from './oauth-options.js';

export interface RemoteKeysTimes {
  /** Between two fetches, however many tokens name keys that are not there. */
  readonly cooldownMs: number;
  /** After so long the keys are fetched again. */
  readonly freshMs: number;
  /** After so long without an answer they do not count any more. */
  readonly usableMs: number;
}

const TIMES: RemoteKeysTimes = { cooldownMs: 30_000, freshMs: 600_000, usableMs: 86_400_000 };

export class RemoteKeys {
  private readonly locate: () => Promise<string>;
  private readonly log: Logger | undefined;
  private readonly times: RemoteKeysTimes;
  private keys: ReturnType<typeof createLocalJWKSet> | undefined;
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private triedAt = Number.NEGATIVE_INFINITY;
  private fetching: Promise<void> | undefined;

  /** @param locate tells where the keys are */
  constructor(locate: () => Promise<string>, log: Logger | undefined, times: Partial<RemoteKeysTimes> = {}) {
    this.locate = locate;
    this.log = log;
    this.times = { ...TIMES, ...times };
  }

  /** Finds the key of a token; rejects with jose's error when there is none. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (performance.now() - this.fetchedAt > this.times.freshMs) await this.refresh();
    try {
      return await this.usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The server may have begun to sign with another.
      await this.refresh();
      return this.usable()(header, token);
    }
  };

  private usable(): ReturnType<typeof createLocalJWKSet> {
    if (performance.now() - this.fetchedAt > this.times.usableMs) this.keys = undefined;
    if (this.keys === undefined) throw new errors.JWKSNoMatchingKey('the keys could not be fetched');
    return this.keys;
  }

  private async refresh(): Promise<void> {
    if (this.fetching === undefined) {
      if (performance.now() - this.triedAt < this.times.cooldownMs) return;
      this.triedAt = performance.now();
      this.fetching = this.fetch().finally(() => {
        this.fetching = undefined;
      });
    }
    await this.fetching;
  }

  private async fetch(): Promise<void> {
    try {
      const keys = await fetchJson(await this.locate());
      this.keys = createLocalJWKSet(keys as JSONWebKeySet);
      this.fetchedAt = performance.now();
    } catch (error) {
      this.log?.warn({ err: error }, 'The keys of the authorization server could not be fetched');
    }
  }
}

/** Where an issuer says that its keys are (OpenID Connect Discovery 1.0, section 4). */
export async function discoverKeys(issuer: string): Promise<string> {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  const document = await fetchJson(`${base}/.well-known/openid-configuration`);
  const { issuer: named, jwks_uri: url } = (document ?? {}) as Record<string, unknown>;
  if (named !== issuer) throw new Error(`${issuer} says that it is another issuer`);
  if (typeof url !== 'string' || !isTrustworthy(url))
    throw new Error(`${issuer} does not say where its keys are`);
  return url;
}
