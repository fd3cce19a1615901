import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandScope, matchesWildcard, parseScope } from './scope-permission.js';
import { TokenIdentity } from './token-identity.js';
import { type Claims, tagsOf, tokenScopes } from './token-scopes.js';

const FOREVER = Number.POSITIVE_INFINITY;
const OPTIONS = { resourceServerId: 'rabbitmq' };

function holderOf(scopes: string[], claims: Claims = {}): TokenIdentity {
  return new TokenIdentity({ user: 'u', tags: [], scopes, claims, expiresAt: FOREVER });
}

describe('a scope', () => {
  test('names a permission, a virtual host, a name, and a routing key where there is one', () => {
    expect(parseScope('read:%2F/logs')).toEqual({ permission: 'read', virtualHost: '%2F', name: 'logs' });
    expect(parseScope('write:*/logs/app.*')).toEqual({
      permission: 'write',
      virtualHost: '*',
      name: 'logs',
      routingKey: 'app.*',
    });
    for (const none of ['read:*', 'read:a/b/c/d', 'delete:*/*', 'read', 'READ:*/*', ' read:*/*', '']) {
      expect(parseScope(none)).toBeUndefined();
    }
  });

  test('allows routing keys only where it names one, as in RabbitMQ', () => {
    const identity = holderOf(['write:*/*', 'read:*/logs/app.*']);
    expect(identity.may('write', '/', 'logs')).toBe(true);
    expect(identity.mayRoute('write', '/', 'logs', 'app.order')).toBe(false);
    expect(identity.mayRoute('read', '/', 'logs', 'app.order')).toBe(true);
    expect(identity.mayRoute('read', '/', 'logs', 'sys.order')).toBe(false);
  });

  test('asks for the default exchange as amq.default', () => {
    expect(holderOf(['write:*/amq.default']).may('write', '/', '')).toBe(true);
  });

  test('may leave the virtual host and claims open, which stand for themselves', () => {
    const identity = holderOf(['read:{vhost}/{sub}-*/*', 'write:shop/{team}'], { sub: 'a*b', team: 7 });
    expect(identity.may('read', '/', 'a*b-q')).toBe(true);
    expect(identity.may('read', 'any', 'axb-q')).toBe(false);
    expect(identity.may('write', 'shop', 'team')).toBe(true);
    expect(expandScope('read:{nope}/{}/{a.b}', '/', {})).toBe('read:nope//{a.b}');
    expect(expandScope('read:{__proto__}/x', '/', {})).toBe('read:__proto__/x');
  });

  test('of any text whatsoever is read or is none', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('read:', '/', '*', '%2F', '%', '{', '}', 'vhost', 'a') }),
    );
    fc.assert(
      fc.property(text, text, text, (scope, virtualHost, name) => {
        const identity = holderOf([scope], { a: virtualHost });
        expect(typeof identity.mayEnter(virtualHost)).toBe('boolean');
        expect(typeof identity.may('read', virtualHost, name)).toBe('boolean');
        expect(typeof identity.mayRoute('read', virtualHost, name, name)).toBe('boolean');
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a pattern', () => {
  test('without * matches what is percent-encoded to it, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (subject, other) => {
        const pattern = encodeURIComponent(subject).replaceAll('*', '%2A');
        expect(matchesWildcard(subject, pattern)).toBe(true);
        expect(matchesWildcard(other, pattern)).toBe(other === subject);
      }),
    );
  });

  test('takes time in proportion to what it is matched with', () => {
    const started = performance.now();
    expect(matchesWildcard(`${'a'.repeat(60_000)}b`, `${'*a'.repeat(30_000)}c`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('with a percent sign that is none matches nothing', () => {
    for (const pattern of ['%', '%2', '%zz', 'a%']) expect(matchesWildcard(pattern, pattern)).toBe(false);
  });
});

describe('the scopes of a token', () => {
  test('are those with the prefix, without it, each once', () => {
    const scope = 'rabbitmq.read:*/*  rabbitmq.read:*/* other.read:*/* rabbitmq read:*/*';
    expect(tokenScopes({ scope }, OPTIONS)).toEqual(['read:*/*']);
    expect(tokenScopes({ scope: scope.split(' ') }, OPTIONS)).toEqual(['read:*/*']);
    expect(tokenScopes({ scope: 'api://read:*/*' }, { ...OPTIONS, scopePrefix: 'api://' })).toEqual([
      'read:*/*',
    ]);
    expect(tokenScopes({ scope: 'read:*/* x' }, { ...OPTIONS, scopePrefix: '' })).toEqual(['read:*/*', 'x']);
    expect(tokenScopes({}, OPTIONS)).toEqual([]);
  });

  test('come out of a requesting party token of Keycloak’s', () => {
    const permissions = [
      { rsid: 'a', scopes: ['rabbitmq.read:*/*', 7] },
      { scopes: 'rabbitmq.write:*/*' },
      { rsid: 'none' },
      'nonsense',
    ];
    expect(tokenScopes({ authorization: { permissions } }, OPTIONS)).toEqual(['read:*/*', 'write:*/*']);
  });

  test('come out of other claims that are named, in any of three forms', () => {
    const options = { ...OPTIONS, additionalScopesKey: 'roles realm.access' };
    const claims = {
      scope: 'rabbitmq.tag:management',
      roles: { rabbitmq: ['read:*/*'], other: ['write:*/*'] },
      realm: [{ access: 'rabbitmq.write:a/*' }, { access: ['rabbitmq.configure:a/*'] }],
    };
    const expected = ['tag:management', 'read:*/*', 'write:a/*', 'configure:a/*'];
    expect(tokenScopes(claims, options)).toEqual(expected);
    expect(tokenScopes({ roles: { rabbitmq: 'read:*/* write:*/*' } }, options)).toEqual([
      'read:*/*',
      'write:*/*',
    ]);
  });

  test('come from aliases of roles', () => {
    const scopeAliases = {
      admin: 'rabbitmq.tag:administrator rabbitmq.read:*/*',
      developer: ['rabbitmq.write:*/*', 'other.read:*/*'],
    };
    const options = { ...OPTIONS, scopeAliases };
    expect(tokenScopes({ scope: 'admin developer toString' }, options)).toEqual([
      'tag:administrator',
      'read:*/*',
      'write:*/*',
    ]);
  });

  test('come from rich authorization requests of the resource server’s type', () => {
    const options = { ...OPTIONS, resourceServerType: 'rabbitmq-type' };
    const detail = (actions: unknown, locations: unknown, type = 'rabbitmq-type') => ({
      type,
      actions,
      locations,
    });
    const details = [
      detail(['read', 'nonsense', 'management'], ['cluster:rabbitmq/vhost:shop/queue:orders']),
      detail('write', 'cluster:rabbit*/exchange:logs/routing-key:app.*'),
      detail(['configure'], ['cluster:other/vhost:*', 'vhost:*', 'cluster:rabbitmq/queue:a/exchange:b']),
      detail(['configure'], ['cluster:*'], 'another-type'),
      null,
    ];
    expect(tokenScopes({ authorization_details: details }, options)).toEqual([
      'read:shop/orders/*',
      'tag:management',
      'write:*/logs/app.*',
    ]);
    expect(tokenScopes({ authorization_details: details }, OPTIONS)).toEqual([]);
  });

  test('are refused when there are too many', () => {
    const scope = Array.from({ length: 2_049 }, (_, number) => `rabbitmq.read:*/${number}`);
    expect(tokenScopes({ scope }, OPTIONS)).toBeUndefined();
    expect(tokenScopes({ scope: scope.slice(1) }, OPTIONS)?.length).toBe(2_048);
  });

  test('are read out of any claims whatsoever', () => {
    const options = {
      resourceServerId: 'r',
      resourceServerType: 't',
      scopePrefix: '',
      additionalScopesKey: 'a.b a',
      scopeAliases: { a: 'b' },
    };
    const key = fc.constantFrom(
      'scope',
      'authorization',
      'permissions',
      'scopes',
      'a',
      'b',
      'r',
      '__proto__',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('a', 'read:*/*', 't', null, 7, true),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 3 }),
      ),
    }));
    const claims = fc.dictionary(fc.oneof(key, fc.constant('authorization_details')), value, { maxKeys: 4 });
    fc.assert(
      fc.property(claims, (anything) => {
        const scopes = tokenScopes(anything, options);
        expect(scopes?.every((scope) => typeof scope === 'string')).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('give tags', () => {
    expect(tagsOf(['tag:monitoring', 'read:*/*', 'tag:administrator', 'tag:'])).toEqual([
      'administrator',
      'monitoring',
    ]);
  });
});
