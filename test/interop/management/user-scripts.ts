// Users, permissions and topic permissions as resources.
import { type ManagementScript, script } from './script.js';

const all = { configure: '.*', write: '.*', read: '.*' };

export const userScripts: readonly ManagementScript[] = [
  script('a user is made, changed, looked at and deleted', async (player) => {
    await player.requests(
      ['PUT /api/users/u', { body: { password: 'p', tags: 'management' } }],
      'GET /api/users/u',
      ['GET /api/whoami', { as: 'u:p' }],
      ['PUT /api/users/u', { body: { password: 'q', tags: 'monitoring,custom' } }],
      ['GET /api/whoami', { as: 'u:p' }],
      ['GET /api/whoami', { as: 'u:q' }],
      'GET /api/users?columns=name,tags',
      'GET /api/users/without-permissions',
      'DELETE /api/users/u',
      'DELETE /api/users/u',
      'GET /api/users/u',
    );
  }),
  script('tags are a list or a text with commas', async (player) => {
    for (const tags of [
      '',
      'a',
      'a,b',
      ' a , b ',
      ['a', 'b'],
      [],
      'administrator,administrator',
      1,
      null,
      [1],
      {},
    ]) {
      await player.request('PUT /api/users/u', { body: { password: 'p', tags } });
      await player.request('GET /api/users/u?columns=name,tags');
      await player.quietly('DELETE /api/users/u');
    }
  }),
  script('a user has a password, a hash, or neither, and one of the ways to hash', async (player) => {
    const sha256 = 'AAAAAGLGDyOOMO7fCHEbrJ9mEBzZrmLUoVi/2pXRqqLl2BYE';
    for (const body of [
      { tags: '' },
      { password: '', tags: '' },
      { password: 1, tags: '' },
      { password: null, tags: '' },
      { password: 'p' },
      { password_hash: '', tags: '' },
      { password_hash: sha256, tags: '' },
      { password_hash: sha256, tags: '', hashing_algorithm: 'rabbit_password_hashing_sha512' },
      { password_hash: sha256, tags: '', hashing_algorithm: 'rabbit_password_hashing_md5' },
      { password_hash: sha256, tags: '', hashing_algorithm: 'nonsense' },
      { password_hash: 'not base64!', tags: '' },
      { password_hash: 1, tags: '' },
      { password: 'p', password_hash: sha256, tags: '' },
      { password: 'p', hashing_algorithm: 'rabbit_password_hashing_sha512', tags: '' },
      { password: 'p', tags: '', unknown: 1 },
      '{bad',
      '',
      '[]',
    ]) {
      await player.request('PUT /api/users/u', { body });
      await player.request('GET /api/users/u?columns=name,hashing_algorithm,tags,limits');
      await player.quietly('DELETE /api/users/u');
    }
  }),
  script('names of users may hold what paths may not', async (player) => {
    for (const name of ['a/b', 'a%b', 'a b', 'été ☃', 'a:b', '"quoted"', '0']) {
      const path = `/api/users/${encodeURIComponent(name)}`;
      await player.requests(
        [`PUT ${path}`, { body: { password: 'p', tags: '' } }],
        `GET ${path}?columns=name`,
      );
    }
  }),
  script('several users are deleted at once', async (player) => {
    for (const name of ['a', 'b', 'c'])
      await player.quietly(`PUT /api/users/${name}`, { body: { password: 'p', tags: '' } });
    await player.requests(
      ['POST /api/users/bulk-delete', { body: { users: ['a', 'b', 'nobody'] } }],
      'GET /api/users?columns=name',
      ['POST /api/users/bulk-delete', { body: {} }],
      ['POST /api/users/bulk-delete', { body: { users: 'c' } }],
      ['POST /api/users/bulk-delete', { body: { users: [] } }],
      ['POST /api/users/bulk-delete', { body: { users: [1] } }],
      ['POST /api/users/bulk-delete', { body: '{bad' }],
      'GET /api/users/c?columns=name',
    );
  }),
  script('permissions are given, changed, looked at and taken', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    await player.requests(
      ['PUT /api/permissions/proof/u', { body: all }],
      ['PUT /api/permissions/proof/u', { body: { ...all, read: '^$' } }],
      'GET /api/permissions/proof/u',
      'GET /api/users/u/permissions',
      'GET /api/vhosts/proof/permissions',
      'GET /api/permissions?columns=user,vhost,read',
      'DELETE /api/permissions/proof/u',
      'DELETE /api/permissions/proof/u',
      'GET /api/permissions/proof/u',
      'GET /api/users/without-permissions',
    );
  }),
  script('permissions are patterns for users and virtual hosts that are there', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    for (const body of [
      {},
      { configure: '.*', write: '.*' },
      { ...all, configure: '(' },
      { ...all, write: '[' },
      { ...all, read: 1 },
      { ...all, read: null },
      { ...all, unknown: 1 },
      '{bad',
      '',
    ]) {
      await player.request('PUT /api/permissions/proof/u', { body });
    }
    await player.requests(
      ['PUT /api/permissions/nowhere/u', { body: all }],
      ['PUT /api/permissions/proof/nobody', { body: all }],
      'GET /api/permissions/nowhere/u',
      'GET /api/permissions/proof/nobody',
      'GET /api/users/nobody/permissions',
      'GET /api/vhosts/nowhere/permissions',
      'DELETE /api/permissions/nowhere/u',
      'DELETE /api/permissions/proof/nobody',
    );
  }),
  script('topic permissions are given, changed, looked at and taken', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    const topic = { exchange: 'amq.topic', write: '^a', read: '^{username}' };
    await player.requests(
      ['PUT /api/topic-permissions/proof/u', { body: topic }],
      ['PUT /api/topic-permissions/proof/u', { body: { ...topic, write: '^b' } }],
      ['PUT /api/topic-permissions/proof/u', { body: { ...topic, exchange: 'other' } }],
      'GET /api/topic-permissions/proof/u',
      'GET /api/topic-permissions/proof/u/amq.topic',
      'GET /api/users/u/topic-permissions',
      'GET /api/vhosts/proof/topic-permissions',
      'GET /api/topic-permissions',
      'DELETE /api/topic-permissions/proof/u/other',
      'GET /api/topic-permissions/proof/u',
      'DELETE /api/topic-permissions/proof/u',
      'DELETE /api/topic-permissions/proof/u',
      'GET /api/topic-permissions/proof/u',
    );
  }),
  script('topic permissions are patterns for users and virtual hosts that are there', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    const topic = { exchange: 'amq.topic', write: '.*', read: '.*' };
    for (const body of [
      {},
      { write: '.*', read: '.*' },
      { exchange: 'amq.topic', write: '.*' },
      { ...topic, write: '(' },
      { ...topic, read: 1 },
      { ...topic, exchange: 1 },
      '{bad',
    ]) {
      await player.request('PUT /api/topic-permissions/proof/u', { body });
    }
    await player.requests(
      ['PUT /api/topic-permissions/nowhere/u', { body: topic }],
      ['PUT /api/topic-permissions/proof/nobody', { body: topic }],
      'GET /api/users/nobody/topic-permissions',
      'GET /api/vhosts/nowhere/topic-permissions',
    );
  }),
  script('limits of users are set, looked at and taken', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    await player.requests(
      ['PUT /api/user-limits/u/max-connections', { body: { value: 5 } }],
      ['PUT /api/user-limits/u/max-channels', { body: { value: -1 } }],
      'GET /api/user-limits/u',
      'GET /api/user-limits',
      'GET /api/users/u?columns=name,limits',
      ['PUT /api/user-limits/u/nonsense', { body: { value: 5 } }],
      ['PUT /api/user-limits/u/max-connections', { body: { value: 'x' } }],
      ['PUT /api/user-limits/u/max-connections', { body: { value: -2 } }],
      ['PUT /api/user-limits/u/max-connections', { body: { value: 1.5 } }],
      ['PUT /api/user-limits/u/max-connections', { body: {} }],
      ['PUT /api/user-limits/u/max-connections', { body: '{bad' }],
      ['PUT /api/user-limits/nobody/max-connections', { body: { value: 5 } }],
      'GET /api/user-limits/nobody',
      'DELETE /api/user-limits/u/max-connections',
      'DELETE /api/user-limits/u/max-connections',
      'DELETE /api/user-limits/u/nonsense',
      'DELETE /api/user-limits/nobody/max-connections',
      'GET /api/user-limits/u',
    );
  }),
];
