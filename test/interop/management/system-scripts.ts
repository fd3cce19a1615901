// The broker as a whole: overview, nodes, health checks, and the manners of HTTP.
import { type ManagementScript, script } from './script.js';

export const systemScripts: readonly ManagementScript[] = [
  script('the overview', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    channel.sendToQueue('q', Buffer.from('x'));
    await channel.checkQueue('q');
    await player.until(
      'GET /api/overview',
      (overview: {
        queue_totals: { messages?: number };
        object_totals: { channels: number };
        message_stats: { publish?: number };
      }) =>
        overview.queue_totals.messages === 1 &&
        overview.object_totals.channels === 1 &&
        (overview.message_stats.publish ?? 0) > 0,
    );
  }),
  script('nodes', async (player) => {
    await player.requests(
      'GET /api/nodes',
      `GET /api/nodes/${player.node}`,
      `GET /api/nodes/${player.node}?memory=true&columns=memory`,
      `GET /api/nodes/${player.node}/memory`,
      `GET /api/nodes/${player.node}/memory/relative`,
      'GET /api/nodes/nobody@nowhere',
      'GET /api/nodes/nobody@nowhere/memory',
    );
  }),
  script('the name of the cluster', async (player) => {
    await player.requests(
      'GET /api/cluster-name',
      ['PUT /api/cluster-name', { body: { name: 'proof' } }],
      'GET /api/cluster-name',
      ['PUT /api/cluster-name', { body: {} }],
      ['PUT /api/cluster-name', { body: { name: 1 } }],
      ['PUT /api/cluster-name', { body: '{bad' }],
      'DELETE /api/cluster-name',
    );
    await player.quietly('DELETE /api/global-parameters/cluster_name');
  }),
  script('who am I, and what else is told without asking for more', async (player) => {
    await player.requests(
      'GET /api/whoami',
      'GET /api/extensions',
      'GET /api/auth',
      'GET /api/feature-flags?columns=name',
    );
  }),
  script('health checks', async (player) => {
    const { port, managementPort } = player.server;
    await player.requests(
      'GET /api/aliveness-test/proof',
      'GET /api/aliveness-test/nowhere',
      'GET /api/health/checks/alarms',
      'GET /api/health/checks/local-alarms',
      'GET /api/health/checks/virtual-hosts',
      'GET /api/health/checks/node-is-quorum-critical',
      'GET /api/health/checks/node-is-mirror-sync-critical',
      `GET /api/health/checks/port-listener/${port}`,
      `GET /api/health/checks/port-listener/${managementPort}`,
      'GET /api/health/checks/port-listener/1',
      'GET /api/health/checks/port-listener/x',
      'GET /api/health/checks/port-listener/99999',
      'GET /api/health/checks/protocol-listener/amqp',
      'GET /api/health/checks/protocol-listener/amqp091',
      'GET /api/health/checks/protocol-listener/http',
      'GET /api/health/checks/protocol-listener/mqtt',
      'GET /api/health/checks/protocol-listener/nonsense',
      'GET /api/health/checks/certificate-expiration/1/days',
      'GET /api/health/checks/certificate-expiration/2/months',
      'GET /api/health/checks/certificate-expiration/x/days',
      'GET /api/health/checks/certificate-expiration/1/nonsense',
      'GET /api/health/checks/certificate-expiration/-1/days',
      'GET /api/health/checks/nonsense',
      `GET /api/healthchecks/node`,
      `GET /api/healthchecks/node/${player.node}`,
    );
  }),
  script('attempts to log in are counted', async (player) => {
    await player.requests(
      `DELETE /api/auth/attempts/${player.node}`,
      `DELETE /api/auth/attempts/${player.node}/source`,
      `GET /api/auth/attempts/${player.node}`,
      `GET /api/auth/attempts/${player.node}/source`,
      'GET /api/auth/attempts/nobody@nowhere',
    );
  }),
  script('queues may be rebalanced, although there is one node', async (player) => {
    await player.requests('POST /api/rebalance/queues', 'GET /api/rebalance/queues');
  }),
  script('statistics may be reset', async (player) => {
    await player.requests(
      'DELETE /api/reset',
      `DELETE /api/reset/${player.node}`,
      'DELETE /api/reset/nobody@nowhere',
    );
  }),
  script('paths that nobody knows, and methods that a path does not take', async (player) => {
    await player.requests(
      'GET /api/nonsense',
      'GET /api/queues/proof/q/nonsense',
      'GET /api/',
      'GET /nonsense',
      'POST /api/overview',
      'DELETE /api/overview',
      'PUT /api/queues',
      'POST /api/queues/proof',
      'DELETE /api/queues/proof',
      'POST /api/queues/proof/q',
      'PATCH /api/queues/proof/q',
      'DELETE /api/exchanges/proof',
      'POST /api/exchanges/proof/x',
      'PUT /api/bindings/proof',
      'DELETE /api/bindings/proof/e/x/q/q',
      'POST /api/vhosts/proof',
      'DELETE /api/vhosts',
      'POST /api/users/guest',
      'PUT /api/users',
      'PUT /api/whoami',
      'PUT /api/connections',
      'PUT /api/connections/x',
      'PUT /api/nodes',
      'POST /api/permissions/proof/guest',
      'POST /api/parameters/x/proof/x',
      'POST /api/policies/proof/p',
      'PUT /api/definitions',
      'GET /api/users/bulk-delete',
      'POST /api/health/checks/alarms',
    );
  }),
  script('HEAD and OPTIONS', async (player) => {
    await player.requests(
      'HEAD /api/overview',
      'HEAD /api/queues/proof',
      'OPTIONS /api/overview',
      'OPTIONS /api/queues',
      'OPTIONS /api/queues/proof/q',
      'OPTIONS /api/bindings/proof/e/x/q/q',
      'OPTIONS /api/users/guest',
      ['OPTIONS /api/users/guest', { as: null }],
    );
  }),
  script('an answer is JSON, whatever is asked for', async (player) => {
    await player.requests(
      ['GET /api/whoami', { headers: { accept: 'application/json' } }],
      ['GET /api/whoami', { headers: { accept: '*/*' } }],
      ['GET /api/whoami', { headers: { accept: 'text/html' } }],
      ['GET /api/whoami', { headers: { accept: 'text/html, */*;q=0.1' } }],
      ['PUT /api/queues/proof/q', { body: {}, headers: { 'content-type': 'text/plain' } }],
      [
        'PUT /api/queues/proof/r',
        { body: {}, headers: { 'content-type': 'application/json; charset=utf-8' } },
      ],
      [
        'PUT /api/queues/proof/s',
        { body: 'x=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      ],
    );
  }),
];
