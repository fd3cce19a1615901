import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessUnderTest } from '../../test/support/access-under-test.js';
import type { Identity } from '../transport/gate.js';
import type { Access } from './access.js';
import type { PermissionPatterns } from './permissions.js';
import { expand } from './topic-permissions.js';

const NONE: PermissionPatterns = { configure: '', write: '', read: '' };

async function userWith(patterns: Partial<PermissionPatterns>, user = 'u'): Promise<[Access, Identity]> {
  const access = accessUnderTest();
  await access.make([{ name: user, permissions: { '/': { ...NONE, ...patterns } } }]);
  return [access, access.identityOf(user) as Identity];
}

describe('permissions', () => {
  test('allow what their expression matches anywhere in a name', async () => {
    const [, identity] = await userWith({ configure: 'order', read: '^logs$' });
    expect(identity.may('configure', '/', 'app.order.error')).toBe(true);
    expect(identity.may('configure', '/', 'app')).toBe(false);
    expect(identity.may('read', '/', 'logs')).toBe(true);
    expect(identity.may('read', '/', 'logs2')).toBe(false);
  });

  test('that are empty allow the empty name alone', async () => {
    const [, identity] = await userWith({});
    expect(identity.may('write', '/', 'q')).toBe(false);
    expect(identity.mayEnter('/')).toBe(true);
    expect(identity.mayEnter('other')).toBe(false);
    expect(identity.may('read', 'other', 'q')).toBe(false);
  });

  test('ask for the default exchange as amq.default', async () => {
    const [, named] = await userWith({ write: '^amq\\.default$' });
    expect(named.may('write', '/', '')).toBe(true);
    const [, empty] = await userWith({ write: '' });
    expect(empty.may('write', '/', '')).toBe(false);
  });

  test('hold from the moment they are changed, which is told with the virtual host', async () => {
    const [access, identity] = await userWith({ read: '.*' });
    const changed: (string | undefined)[] = [];
    access.onChange = (virtualHost) => changed.push(virtualHost);
    access.grant('u', '/', NONE);
    expect(identity.may('read', '/', 'q')).toBe(false);
    access.grantTopic('u', '/', 'amq.topic', { write: '^a', read: '' });
    expect(identity.mayRoute('write', '/', 'amq.topic', 'b')).toBe(false);
    expect(access.topicPermissions.drop('u', '/')).toBe(true);
    expect(access.topicPermissions.drop('u', '/')).toBe(false);
    expect(identity.mayRoute('write', '/', 'amq.topic', 'b')).toBe(true);
    expect(access.permissions.drop('u', '/')).toBe(true);
    expect(access.permissions.drop('u', '/')).toBe(false);
    expect(identity.mayEnter('/')).toBe(false);
    expect(changed).toEqual(['/', '/', '/', '/']);
  });

  test('that are no expression are refused, and leave what was there', async () => {
    const [access, identity] = await userWith({ read: '.*' });
    for (const pattern of ['(', '*', '[a', 'x'.repeat(5_000), 5 as unknown as string]) {
      expect(() => access.grant('u', '/', { ...NONE, write: pattern })).toThrow(
        expect.objectContaining({ code: 'bad_request' }),
      );
    }
    expect(() => access.grant('u', '/', { ...NONE, write: '(' })).toThrow(
      expect.objectContaining({ reason: ['invalid_regexp', '(', expect.any(String)] }),
    );
    expect(identity.may('read', '/', 'q')).toBe(true);
  });
});

describe('topic permissions', () => {
  test('are asked of an exchange that has some, and no other', async () => {
    const [access, identity] = await userWith({});
    access.grantTopic('u', '/', 'logs', { write: '^app\\.', read: '' });
    expect(identity.mayRoute('write', '/', 'logs', 'app.order')).toBe(true);
    expect(identity.mayRoute('write', '/', 'logs', 'sys.order')).toBe(false);
    expect(identity.mayRoute('read', '/', 'logs', 'app.order')).toBe(false);
    expect(identity.mayRoute('write', '/', 'amq.topic', 'sys.order')).toBe(true);
    expect(access.topicPermissions.list({ user: 'u' })).toEqual([
      { user: 'u', virtualHost: '/', exchange: 'logs', write: '^app\\.', read: '' },
    ]);
  });

  test('put the user and the virtual host in, and leave other braces', async () => {
    const [access, identity] = await userWith({}, 'a.b');
    const write = '^{username}-{vhost}-x{2}$';
    access.grantTopic('a.b', '/', 'logs', { write, read: '' });
    expect(identity.mayRoute('write', '/', 'logs', 'a.b-/-xx')).toBe(true);
    expect(identity.mayRoute('write', '/', 'logs', 'aXb-/-xx')).toBe(false);
  });

  test('take a name for itself, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (username, key) => {
        const pattern = new RegExp(`^${expand('{username}', { username })}$`);
        expect(pattern.test(username)).toBe(true);
        expect(pattern.test(key)).toBe(key === username);
      }),
    );
  });
});
