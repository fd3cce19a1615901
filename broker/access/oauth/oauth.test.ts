import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessUnderTest, LOCAL, plain } from '../../../test/support/access-under-test.js';
import { AuthorizationServer, RESOURCE_SERVER } from '../../../test/support/authorization-server.js';
import { OAuth } from './oauth.js';
import type { OAuthOptions } from './oauth-options.js';
import { RemoteKeys } from './remote-keys.js';
import { TokenIdentity } from './token-identity.js';

let server: AuthorizationServer;

beforeAll(async () => {
  server = await AuthorizationServer.start();
});

afterAll(() => server.stop());

function oauth(options: Partial<OAuthOptions> = {}): OAuth {
  return new OAuth({ resourceServerId: RESOURCE_SERVER, jwksUrl: server.jwksUrl, ...options }, undefined);
}

const now = (): number => Math.floor(Date.now() / 1000);

/** A token with any header and payload, signed as `sign` says. */
function forge(header: object, payload: object, sign: (input: string) => string): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(input)}`;
}

describe('a token', () => {
  test('says who it is, what he may do, and until when', async () => {
    const exp = now() + 30;
    const scope = 'rabbitmq.read:%2F/logs rabbitmq.tag:monitoring other.write:*/*';
    const identity = await oauth().authenticate(await server.token({ sub: 'orders', scope, exp }));
    expect(identity.user).toBe('orders');
    expect(identity.tags).toEqual(['monitoring']);
    expect(identity.expiresAt).toBe((exp + 5) * 1000);
    expect(identity.mayEnter('/')).toBe(true);
    expect(identity.mayEnter('other')).toBe(false);
    expect(identity.may('read', '/', 'logs')).toBe(true);
    expect(identity.may('write', '/', 'logs')).toBe(false);
  });

  test('may name the user in another claim', async () => {
    const token = await server.token({ user_name: 'Ann', sub: 'a-1' });
    const preferring = oauth({ preferredUsernameClaims: ['email', 'user_name'] });
    expect((await preferring.authenticate(token)).user).toBe('Ann');
    expect((await oauth().authenticate(token)).user).toBe('a-1');
    const nameless = await server.token({ sub: 7 as unknown as string });
    expect((await oauth().authenticate(nameless)).user).toBe('unknown');
  });

  test.each([
    ['has expired', { exp: now() - 60 }, '"exp" claim timestamp check failed'],
    ['never expires', { exp: undefined }, 'missing required "exp" claim'],
    ['holds from later on', { nbf: now() + 60 }, '"nbf" claim timestamp check failed'],
    ['is for somebody else', { aud: 'another' }, 'the token is for another audience'],
    ['is for nobody', { aud: undefined }, 'the token is for another audience'],
    ['comes from another issuer', { iss: 'https://evil.example' }, 'unexpected "iss" claim value'],
  ])('that %s is refused', async (_, claims, reason) => {
    const token = await server.token({ iss: server.url, ...claims } as JWTPayload);
    await expect(oauth({ issuer: server.url }).authenticate(token)).rejects.toThrow(reason);
  });

  test('may be for several, and for anybody where the audience is not looked at', async () => {
    const several = await server.token({ aud: 'another rabbitmq' });
    expect((await oauth().authenticate(several)).user).toBe('orders');
    const another = await server.token({ aud: 'another' });
    expect((await oauth({ verifyAudience: false }).authenticate(another)).user).toBe('orders');
  });

  test('is given a few seconds of difference between clocks', async () => {
    const token = await server.token({ exp: now() - 1, nbf: now() + 4, scope: 'rabbitmq.read:*/*' });
    expect((await oauth().authenticate(token)).mayEnter('/')).toBe(true);
  });

  test('allows nothing any more once it has expired', async () => {
    const grant = { user: 'orders', tags: [], scopes: ['read:*/*/*'], claims: {} };
    const identity = new TokenIdentity({ ...grant, expiresAt: Date.now() + 500 });
    expect(identity.may('read', '/', 'q')).toBe(true);
    await expect.poll(() => identity.may('read', '/', 'q'), { timeout: 5_000 }).toBe(false);
    expect(identity.mayEnter('/')).toBe(false);
    expect(identity.mayRoute('read', '/', 'e', 'k')).toBe(false);
  });
});

describe('a forged token is refused', () => {
  const payload = {
    sub: 'admin',
    aud: RESOURCE_SERVER,
    exp: now() + 60,
    scope: 'rabbitmq.tag:administrator',
  };

  test('without a signature', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      const token = forge({ alg, kid: 'first' }, payload, () => '');
      await expect(oauth().authenticate(token)).rejects.toThrow();
    }
  });

  test('with the public key as if it were a shared secret', async () => {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
    const token = forge({ alg: 'HS256', kid: 'k' }, payload, (input) =>
      createHmac('sha256', pem).update(input).digest('base64url'),
    );
    const taking = { signingKeys: { k: pem }, jwksUrl: undefined };
    await expect(oauth(taking).authenticate(token)).rejects.toThrow('"alg"');
    await expect(oauth({ ...taking, algorithms: ['HS256', 'RS256'] }).authenticate(token)).rejects.toThrow(
      '"alg"',
    );
  });

  test('with a key of its own in the header', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' }) as { kty: string; crv: string; x: string; y: string };
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: 'mine', jwk })
      .sign(privateKey);
    await expect(oauth().authenticate(token)).rejects.toThrow('no applicable key found');
  });

  test('with claims changed, an algorithm that is not taken, or too long', async () => {
    const token = await server.token({ scope: '' });
    const [header, , signature] = token.split('.');
    const changed = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`;
    await expect(oauth().authenticate(changed)).rejects.toThrow('signature verification failed');
    await expect(oauth({ algorithms: ['ES256'] }).authenticate(token)).rejects.toThrow('"alg"');
    await expect(oauth().authenticate(`${token}${'A'.repeat(70_000)}`)).rejects.toThrow('too long');
    for (const nonsense of ['', 'eyJ.x.y', 'a.b.c', '...', 'eyJhbGciOiJSUzI1NiJ9..']) {
      await expect(oauth().authenticate(nonsense)).rejects.toThrow();
    }
  });
});

describe('keys', () => {
  test('are fetched once, and again for one that is not there, but not at will', async () => {
    const own = await AuthorizationServer.start();
    const checking = oauth({ jwksUrl: own.jwksUrl });
    const together = Array.from({ length: 20 }, async () => checking.authenticate(await own.token({})));
    await Promise.all(together);
    expect(own.asked).toBe(1);
    await own.addKey('second', 'ec');
    const unknown = await own.token({}, { kid: 'second', alg: 'ES256' });
    for (let time = 0; time < 10; time++) {
      await expect(checking.authenticate(unknown)).rejects.toThrow('no applicable key found');
    }
    // Within half a minute of the last time they are not asked for again.
    expect(own.asked).toBe(1);
    expect((await oauth({ jwksUrl: own.jwksUrl }).authenticate(unknown)).user).toBe('orders');
    await own.stop();
  });

  test('are looked for where the issuer says', async () => {
    const discovering = new OAuth({ resourceServerId: RESOURCE_SERVER, issuer: server.url }, undefined);
    const token = await server.token({ iss: server.url });
    expect((await discovering.authenticate(token)).user).toBe('orders');
  });

  test('may be the operator’s own, in PEM, as a JWK, or a shared secret that he allows', async () => {
    const pem = await server.addKey('pem', 'ec');
    const secret = createSecretKey(Buffer.from('a secret of thirty-two bytes at least'));
    const signingKeys = { pem, shared: secret.export({ format: 'jwk' }) as { kty: string } };
    const algorithms = ['ES256', 'HS256'];
    const checking = oauth({ jwksUrl: undefined, signingKeys, algorithms, defaultKey: 'shared' });
    const byPem = await server.token({}, { kid: 'pem', alg: 'ES256' });
    expect((await checking.authenticate(byPem)).user).toBe('orders');
    const claims = { sub: 'shared', aud: RESOURCE_SERVER, exp: now() + 60 };
    const bySecret = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    expect((await checking.authenticate(bySecret)).user).toBe('shared');
    const unlisted = oauth({ jwksUrl: undefined, signingKeys, defaultKey: 'shared' });
    await expect(unlisted.authenticate(bySecret)).rejects.toThrow('"alg"');
  });

  test('that cannot be fetched, or make no sense, leave every token refused', async () => {
    const own = await AuthorizationServer.start();
    const token = await own.token({});
    for (const answer of [
      { status: 500, body: '' },
      { status: 302, body: '' },
      { status: 200, body: 'no JSON' },
      { status: 200, body: '[]' },
      { status: 200, body: '{"keys":7}' },
      { status: 200, body: `"${'x'.repeat(1_000_000)}"` },
    ]) {
      own.answer = answer;
      const checking = oauth({ jwksUrl: own.jwksUrl });
      await expect(checking.authenticate(token)).rejects.toThrow('keys could not be fetched');
    }
    await own.stop();
  });
});

describe('an authorization server', () => {
  test('that cannot be reached any more leaves the keys that are there, for a day', async () => {
    const own = await AuthorizationServer.start();
    const header = { alg: 'RS256', kid: 'first' };
    const input = { payload: '', signature: '' };
    const always = { cooldownMs: 0, freshMs: 0 };
    const locate = async (): Promise<string> => own.jwksUrl;
    const keys = new RemoteKeys(locate, undefined, always);
    const shortLived = new RemoteKeys(locate, undefined, { ...always, usableMs: 0 });
    const key = await keys.find(header, input);
    own.answer = { status: 503, body: '' };
    expect(await keys.find(header, input)).toEqual(key);
    expect(own.asked).toBe(2);
    await expect(shortLived.find(header, input)).rejects.toThrow('could not be fetched');
    own.answer = undefined;
    own.keys.length = 0;
    await expect(keys.find(header, input)).rejects.toThrow('no applicable key found');
    await own.stop();
  });

  test('that takes a connection and says nothing is given up on', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const checking = oauth({ jwksUrl: `http://127.0.0.1:${port}/jwks` });
    const started = performance.now();
    await expect(checking.authenticate(await server.token({}))).rejects.toThrow('could not be fetched');
    // Before a client's time for the handshake is over.
    expect(performance.now() - started).toBeLessThan(9_000);
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('options', () => {
  test.each([
    [{ resourceServerId: '' }, 'resourceServerId is empty'],
    [{ jwksUrl: undefined }, 'no token could be checked'],
    [{ jwksUrl: 'http://keys.example/jwks' }, 'neither https nor http on this machine'],
    [{ jwksUrl: 'ftp://127.0.0.1/jwks' }, 'neither https nor http on this machine'],
    [{ jwksUrl: 'nonsense' }, 'neither https nor http on this machine'],
    [{ jwksUrl: undefined, issuer: 'http://issuer.example' }, 'neither https nor http on this machine'],
    [{ algorithms: ['none'] }, 'algorithm none is not one of'],
    [{ jwksUrl: undefined, signingKeys: { a: 'nonsense' } }, 'signing key a is neither PEM nor a JWK'],
    [{ jwksUrl: undefined, signingKeys: { a: { kty: 'oct' } } }, 'signing key a is neither PEM nor a JWK'],
  ])('such as %j are refused when the broker starts', (options, why) => {
    expect(() => oauth({ jwksUrl: 'https://keys.example', ...options })).toThrow(why);
  });
});

describe('with OAuth, access control', () => {
  const options = (): { oauth: OAuthOptions } => ({
    oauth: { resourceServerId: RESOURCE_SERVER, jwksUrl: server.jwksUrl },
  });

  test('takes a token for a password, whoever it says, besides its own users', async () => {
    const access = accessUnderTest(options());
    await access.make([{ name: 'local', password: 'secret' }]);
    const token = await server.token({ scope: 'rabbitmq.configure:*/*' });
    expect((await plain(access, 'whoever', token))?.user).toBe('orders');
    expect((await plain(access, 'local', 'secret'))?.user).toBe('local');
    expect(await plain(access, 'local', `${token}x`)).toBeUndefined();
    expect(await access.bearer(token, LOCAL, 'http')).toMatchObject({ identity: { user: 'orders' } });
    expect(await access.bearer('secret', LOCAL, 'http')).toMatchObject({ identity: undefined });
    expect(access.attempts.totals()).toMatchObject([
      { protocol: 'amqp091', auth_attempts: 3, auth_attempts_failed: 1 },
      { protocol: 'http', auth_attempts: 2, auth_attempts_failed: 1 },
    ]);
  });

  test('takes a new token of the same user, and no other', async () => {
    const access = accessUnderTest(options());
    await access.make([{ name: 'local', password: 'secret' }]);
    const identity = await plain(access, '', await server.token({}));
    if (identity === undefined) throw new Error('the token was refused');
    const wider = await access.renew(
      identity,
      Buffer.from(await server.token({ scope: 'rabbitmq.read:*/*' })),
    );
    expect(wider?.mayEnter('/')).toBe(true);
    expect(await access.renew(identity, Buffer.from(await server.token({ sub: 'another' })))).toBeUndefined();
    expect(await access.renew(identity, Buffer.from('nonsense'))).toBeUndefined();
    const local = await plain(access, 'local', 'secret');
    expect(local && (await access.renew(local, Buffer.from('anything')))).toBe(local);
  });

  test('takes no token where there is none to check it', async () => {
    const token = await server.token({});
    expect(await plain(accessUnderTest(), 'orders', token)).toBeUndefined();
    expect(await accessUnderTest().bearer(token, LOCAL, 'http')).toMatchObject({ reason: 'Login failed' });
  });
});
