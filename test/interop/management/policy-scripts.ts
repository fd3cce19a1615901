// Policies, operator policies, parameters and global parameters.
import { type ManagementScript, script } from './script.js';

const policy = { pattern: '^q', definition: { 'max-length': 10 }, priority: 2, 'apply-to': 'queues' };

export const policyScripts: readonly ManagementScript[] = [
  ...['policies', 'operator-policies'].map((kind) =>
    script(`${kind} are put, changed, looked at and taken`, async (player) => {
      await player.requests(
        [`PUT /api/${kind}/proof/p`, { body: policy }],
        [`PUT /api/${kind}/proof/p`, { body: { ...policy, priority: 3 } }],
        `GET /api/${kind}/proof/p`,
        `GET /api/${kind}/proof`,
        `GET /api/${kind}`,
        [`PUT /api/${kind}/proof/a%2Fb%20%25`, { body: policy }],
        `GET /api/${kind}/proof/a%2Fb%20%25`,
        `DELETE /api/${kind}/proof/p`,
        `DELETE /api/${kind}/proof/p`,
        `GET /api/${kind}/proof/p`,
        `GET /api/${kind}/nowhere`,
        `GET /api/${kind}/nowhere/p`,
        [`PUT /api/${kind}/nowhere/p`, { body: policy }],
        `DELETE /api/${kind}/nowhere/p`,
      );
    }),
  ),
  ...['policies', 'operator-policies'].map((kind) =>
    script(`what ${kind} are put with is checked`, async (player) => {
      const { pattern, definition } = policy;
      for (const body of [
        {},
        { pattern },
        { definition },
        { pattern, definition },
        { pattern, definition: {} },
        { pattern, definition: 'x' },
        { pattern, definition: [] },
        { pattern: '(', definition },
        { pattern: 1, definition },
        { ...policy, priority: 'x' },
        { ...policy, priority: 1.5 },
        { ...policy, priority: '1' },
        { ...policy, 'apply-to': 'nonsense' },
        { ...policy, 'apply-to': 'exchanges' },
        { ...policy, 'apply-to': 'all' },
        { ...policy, 'apply-to': 'classic_queues' },
        { ...policy, unknown: 1 },
        { ...policy, name: 'other', vhost: '/' },
        '{bad',
        '',
      ]) {
        await player.request(`PUT /api/${kind}/proof/p`, { body });
        await player.quietly(`DELETE /api/${kind}/proof/p`);
      }
    }),
  ),
  script('each key of a policy has its type', async (player) => {
    for (const definition of [
      { nonsense: 1 },
      { 'max-length': 'x' },
      { 'max-length': -1 },
      { 'max-length-bytes': 'x' },
      { 'message-ttl': 'x' },
      { 'message-ttl': -1 },
      { 'message-ttl': 1.5 },
      { expires: 0 },
      { expires: 'x' },
      { 'dead-letter-exchange': 1 },
      { 'dead-letter-routing-key': 1 },
      { 'dead-letter-strategy': 'nonsense' },
      { overflow: 'nonsense' },
      { overflow: 'reject-publish' },
      { 'delivery-limit': 'x' },
      { 'delivery-limit': -1 },
      { 'alternate-exchange': 1 },
      { 'alternate-exchange': 'x' },
      { 'consumer-timeout': 'x' },
      { 'queue-version': 3 },
      { 'queue-leader-locator': 'nonsense' },
      { 'max-priority': 3 },
      { 'max-length': 1, 'message-ttl': 1, nonsense: 1 },
    ]) {
      const body = { pattern: '.*', definition };
      await player.request('PUT /api/policies/proof/p', { body });
      await player.request('PUT /api/operator-policies/proof/p', { body });
    }
  }),
  script('the policies that apply are shown with a queue and an exchange', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    channel.sendToQueue('q', Buffer.from('x'));
    await channel.checkQueue('q');
    await player.requests(
      ['PUT /api/policies/proof/p', { body: policy }],
      [
        'PUT /api/policies/proof/weaker',
        { body: { ...policy, priority: 1, definition: { expires: 60_000 } } },
      ],
      [
        'PUT /api/operator-policies/proof/o',
        { body: { ...policy, definition: { 'max-length': 5, expires: 90_000 } } },
      ],
      [
        'PUT /api/policies/proof/x',
        { body: { pattern: '^amq.d', definition: { 'alternate-exchange': 'amq.fanout' } } },
      ],
    );
    const columns = 'name,policy,operator_policy,effective_policy_definition';
    await player.until(
      `GET /api/queues/proof/q?columns=${columns}`,
      (queue: { operator_policy?: string | null }) => queue.operator_policy === 'o',
    );
    await player.until(
      'GET /api/exchanges/proof/amq.direct?columns=name,policy',
      (exchange: { policy?: string }) => exchange.policy === 'x',
    );
    await player.quietly('DELETE /api/policies/proof/p');
    await player.until(
      `GET /api/queues/proof/q?columns=${columns}`,
      (queue: { policy?: string | null }) => queue.policy === 'weaker',
    );
  }),
  script('global parameters are put, changed, looked at and taken', async (player) => {
    await player.requests(
      ['PUT /api/global-parameters/proof', { body: { value: { a: [1, 'x', null], b: {} } } }],
      ['PUT /api/global-parameters/proof', { body: { value: 'text' } }],
      ['PUT /api/global-parameters/proof', { body: { name: 'other', value: 1.5 } }],
      'GET /api/global-parameters/proof',
      ['PUT /api/global-parameters/a%2Fb', { body: { value: true } }],
      'GET /api/global-parameters/a%2Fb',
      ['PUT /api/global-parameters/proof', { body: {} }],
      ['PUT /api/global-parameters/proof', { body: '{bad' }],
      'GET /api/global-parameters?columns=name',
      'DELETE /api/global-parameters/proof',
      'DELETE /api/global-parameters/proof',
      'GET /api/global-parameters/proof',
    );
  }),
  script('parameters are of components that are there', async (player) => {
    await player.requests(
      ['PUT /api/parameters/nonsense/proof/p', { body: { value: 1 } }],
      ['PUT /api/parameters/shovel/proof/p', { body: { value: { 'src-uri': 'amqp://' } } }],
      ['PUT /api/parameters/federation-upstream/proof/p', { body: { value: { uri: 'amqp://' } } }],
      ['PUT /api/parameters/federation-upstream/proof/p', { body: {} }],
      ['PUT /api/parameters/nonsense/proof/p', { body: '{bad' }],
      ['PUT /api/parameters/nonsense/nowhere/p', { body: { value: 1 } }],
      'GET /api/parameters',
      'GET /api/parameters/nonsense',
      'GET /api/parameters/nonsense/proof',
      'GET /api/parameters/nonsense/nowhere',
      'GET /api/parameters/nonsense/proof/p',
      'DELETE /api/parameters/nonsense/proof/p',
      'DELETE /api/parameters/policy/proof/p',
    );
  }),
  script('policies and limits are parameters, seen as what they are', async (player) => {
    await player.requests(
      ['PUT /api/policies/proof/p', { body: policy }],
      ['PUT /api/vhost-limits/proof/max-queues', { body: { value: 50 } }],
      'GET /api/parameters',
      'GET /api/parameters/policy',
      'GET /api/parameters/policy/proof/p',
      'GET /api/parameters/vhost-limits/proof',
      'GET /api/parameters/vhost-limits/proof/limits',
      ['PUT /api/parameters/vhost-limits/proof/limits', { body: { value: { 'max-queues': 60 } } }],
      'GET /api/vhost-limits/proof',
      ['PUT /api/parameters/policy/proof/q', { body: { value: policy } }],
    );
  }),
];
