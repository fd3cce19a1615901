// Users, their tags, permissions and topic permissions, and what each tag may ask.
import type { ManagementPlayer } from './player.js';
import { type ManagementScript, script } from './script.js';

const tags = ['administrator', 'monitoring', 'policymaker', 'management', 'none'];

/** A user for each tag, called by it, who may do everything in `proof`. */
async function addUsers(player: ManagementPlayer): Promise<void> {
  for (const tag of tags) {
    const body = { password: 'secret', tags: tag === 'none' ? '' : tag };
    await player.quietly(`PUT /api/users/${tag}`, { body });
    const permission = { configure: '.*', write: '.*', read: '.*' };
    await player.quietly(`PUT /api/permissions/proof/${tag}`, { body: permission });
  }
}

const everything = [
  'GET /api/whoami',
  'GET /api/overview?columns=node',
  'GET /api/nodes?columns=name',
  'GET /api/cluster-name',
  'GET /api/extensions',
  'GET /api/definitions/proof',
  'GET /api/connections',
  'GET /api/channels',
  'GET /api/consumers',
  'GET /api/consumers/proof',
  'GET /api/exchanges/proof?columns=name',
  'GET /api/queues/proof?columns=name',
  'GET /api/queues/%2F?columns=name',
  'GET /api/queues?columns=name',
  'GET /api/bindings/proof',
  'GET /api/vhosts?columns=name',
  'GET /api/vhosts/proof?columns=name',
  'GET /api/vhosts/%2F?columns=name',
  'GET /api/vhosts/proof/permissions',
  'GET /api/users?columns=name',
  'GET /api/users/guest?columns=name',
  'GET /api/users/guest/permissions',
  'GET /api/users/without-permissions',
  'GET /api/permissions',
  'GET /api/permissions/proof/guest',
  'GET /api/topic-permissions',
  'GET /api/parameters',
  'GET /api/global-parameters?columns=name',
  'GET /api/policies',
  'GET /api/policies/proof',
  'GET /api/operator-policies',
  'GET /api/vhost-limits',
  'GET /api/vhost-limits/proof',
  'GET /api/user-limits',
  'GET /api/aliveness-test/proof',
  'GET /api/health/checks/alarms',
  'GET /api/health/checks/virtual-hosts',
  'GET /api/feature-flags?columns=none',
];

const changes: [request: string, body?: unknown][] = [
  ['PUT /api/vhosts/other'],
  ['PUT /api/users/other', { password: 'x', tags: '' }],
  ['PUT /api/permissions/proof/guest', { configure: '.*', write: '.*', read: '.*' }],
  ['PUT /api/topic-permissions/proof/guest', { exchange: 'amq.topic', write: '.*', read: '.*' }],
  ['PUT /api/policies/proof/other', { pattern: 'x', definition: { 'max-length': 1 } }],
  ['PUT /api/operator-policies/proof/other', { pattern: 'x', definition: { 'max-length': 1 } }],
  ['PUT /api/vhost-limits/proof/max-queues', { value: 100 }],
  ['PUT /api/user-limits/guest/max-channels', { value: 100 }],
  ['PUT /api/global-parameters/other', { value: 1 }],
  ['PUT /api/cluster-name', { name: 'other' }],
  ['PUT /api/queues/proof/other', {}],
  ['PUT /api/exchanges/proof/other', { type: 'direct' }],
  ['POST /api/bindings/proof/e/amq.direct/q/other', {}],
  [
    'POST /api/exchanges/proof/amq.default/publish',
    { properties: {}, routing_key: 'k', payload: '', payload_encoding: 'string' },
  ],
  ['POST /api/definitions', {}],
  ['POST /api/definitions/proof', {}],
  ['DELETE /api/queues/%2F/other'],
  ['PUT /api/queues/%2F/other', {}],
  ['DELETE /api/users/nobody'],
  ['DELETE /api/vhosts/nowhere'],
];

export const accessScripts: readonly ManagementScript[] = [
  ...tags.map((tag) =>
    script(`what ${tag === 'none' ? 'a user without a tag' : tag} may look at`, async (player) => {
      await addUsers(player);
      for (const request of everything) await player.request(request, { as: `${tag}:secret` });
    }),
  ),
  ...tags.slice(1).map((tag) =>
    script(`what ${tag === 'none' ? 'a user without a tag' : tag} may change`, async (player) => {
      await addUsers(player);
      for (const [request, body] of changes) await player.request(request, { body, as: `${tag}:secret` });
      await player.quietly('DELETE /api/policies/proof/other');
    }),
  ),
  script('nobody, and who gives a wrong password, is told to log in', async (player) => {
    await player.requests(
      ['GET /api/overview', { as: null }],
      ['GET /api/overview', { as: 'guest:wrong' }],
      ['GET /api/overview', { as: 'nobody:guest' }],
      ['GET /api/overview', { as: 'guest' }],
      ['GET /api/overview', { as: ':' }],
      ['PUT /api/queues/proof/q', { as: null, body: {} }],
      ['GET /api/nonsense', { as: null }],
      ['GET /api/overview', { as: null, headers: { authorization: 'Basic nonsense' } }],
      ['GET /api/overview', { as: null, headers: { authorization: 'Bearer x' } }],
      ['GET /api/overview', { as: null, headers: { authorization: 'Nonsense' } }],
      ['GET /api/health/checks/alarms', { as: null }],
      ['GET /api/auth', { as: null }],
    );
  }),
  script('permissions of AMQP hold for what is done through the API', async (player) => {
    await player.quietly('PUT /api/users/narrow', { body: { password: 'p', tags: 'management' } });
    const permission = { configure: '^mine', write: '^mine', read: '^mine' };
    await player.quietly('PUT /api/permissions/proof/narrow', { body: permission });
    await player.quietly('PUT /api/queues/proof/theirs', { body: {} });
    const as = 'narrow:p';
    const publication = { properties: {}, routing_key: 'k', payload: '', payload_encoding: 'string' };
    const got = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' };
    await player.requests(
      ['PUT /api/queues/proof/mine', { as, body: {} }],
      ['PUT /api/queues/proof/theirs2', { as, body: {} }],
      ['DELETE /api/queues/proof/theirs', { as }],
      ['DELETE /api/queues/proof/theirs/contents', { as }],
      ['POST /api/queues/proof/theirs/get', { as, body: got }],
      ['POST /api/queues/proof/mine/get', { as, body: got }],
      ['PUT /api/exchanges/proof/theirs', { as, body: { type: 'direct' } }],
      ['PUT /api/exchanges/proof/mine', { as, body: { type: 'topic' } }],
      ['POST /api/bindings/proof/e/mine/q/theirs', { as, body: {} }],
      ['POST /api/bindings/proof/e/mine/q/mine', { as, body: {} }],
      ['POST /api/exchanges/proof/amq.default/publish', { as, body: publication }],
      ['POST /api/exchanges/proof/mine/publish', { as, body: publication }],
      ['DELETE /api/bindings/proof/e/mine/q/mine/~', { as }],
      ['GET /api/queues/proof?columns=name', { as }],
      ['GET /api/queues/proof/theirs?columns=name', { as }],
    );
    const topic = { exchange: 'mine', write: '^a', read: '.*' };
    await player.requests(
      ['PUT /api/topic-permissions/proof/narrow', { body: topic }],
      ['POST /api/exchanges/proof/mine/publish', { as, body: publication }],
      ['POST /api/exchanges/proof/mine/publish', { as, body: { ...publication, routing_key: 'a' } }],
    );
  }),
];
