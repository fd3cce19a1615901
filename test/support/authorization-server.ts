// An OAuth 2 authorization server as far as a broker sees it: keys under an address, and tokens.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';

export const RESOURCE_SERVER = 'rabbitmq';

export class AuthorizationServer {
  /** What it answers under /jwks; kept as it is, whatever becomes of the keys. */
  keys: JWK[] = [];
  /** How often its keys have been asked for. */
  asked = 0;
  /** Instead of its keys. */
  answer: { status: number; body: string } | undefined;
  private readonly server: Server;
  private readonly signing = new Map<string, KeyObject>();

  private constructor() {
    this.server = createServer((request, response) => {
      if (request.url?.endsWith('/.well-known/openid-configuration')) {
        response.end(JSON.stringify({ issuer: this.url, jwks_uri: this.jwksUrl }));
        return;
      }
      this.asked++;
      response.statusCode = this.answer?.status ?? 200;
      response.end(this.answer?.body ?? JSON.stringify({ keys: this.keys }));
    });
  }

  static async start(): Promise<AuthorizationServer> {
    const server = new AuthorizationServer();
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    await server.addKey('first');
    return server;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  get jwksUrl(): string {
    return `${this.url}/jwks`;
  }

  /** Makes a key and publishes it; returns the public one in PEM. */
  async addKey(id: string, kind: 'rsa' | 'ec' = 'rsa'): Promise<string> {
    const { publicKey, privateKey } =
      kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.signing.set(id, privateKey);
    this.keys.push({ ...(await exportJWK(publicKey)), kid: id, use: 'sig' });
    return publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** A token for this broker that holds for a minute, unless the claims say otherwise. */
  token(claims: JWTPayload, { kid = 'first', alg = 'RS256' } = {}): Promise<string> {
    const usual = { sub: 'orders', aud: [RESOURCE_SERVER], exp: Math.floor(Date.now() / 1000) + 60 };
    const key = this.signing.get(kid);
    if (key === undefined) throw new Error(`there is no key ${kid}`);
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, kid }).sign(key);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }
}
