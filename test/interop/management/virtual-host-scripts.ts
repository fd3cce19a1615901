// Virtual hosts and their limits.
import { type ManagementScript, script } from './script.js';

export const virtualHostScripts: readonly ManagementScript[] = [
  script('a virtual host is made, made again, looked at and deleted', async (player) => {
    await player.requests(
      'PUT /api/vhosts/v',
      'PUT /api/vhosts/v',
      'GET /api/vhosts/v',
      'GET /api/vhosts/v/permissions',
      'GET /api/exchanges/v?columns=name,type,durable,internal,auto_delete',
      'GET /api/queues/v',
      'GET /api/vhosts/v/connections',
      'GET /api/vhosts/v/channels',
      'DELETE /api/vhosts/v',
      'DELETE /api/vhosts/v',
      'GET /api/vhosts/v',
      'GET /api/vhosts/nowhere/connections',
      'GET /api/vhosts/nowhere/channels',
    );
  }),
  script('a virtual host has a description and tags', async (player) => {
    await player.requests(
      ['PUT /api/vhosts/v', { body: { description: 'of tests', tags: 'a,b' } }],
      'GET /api/vhosts/v',
      ['PUT /api/vhosts/v', { body: { description: 'changed' } }],
      'GET /api/vhosts/v?columns=name,description,tags,metadata',
      ['PUT /api/vhosts/w', { body: { tags: ['a', 'b'] } }],
      'GET /api/vhosts/w?columns=name,description,tags,metadata',
      ['PUT /api/vhosts/x', { body: { description: 'd', default_queue_type: 'quorum' } }],
      'GET /api/vhosts/x?columns=name,description,default_queue_type',
    );
  }),
  script('what a virtual host is made with has its types', async (player) => {
    for (const body of [
      {},
      { description: 1 },
      { tags: 1 },
      { tags: [1] },
      { tracing: 'x' },
      { tracing: true },
      { default_queue_type: 'nonsense' },
      { unknown: 1 },
      '{bad',
      '[]',
      '',
    ]) {
      await player.request('PUT /api/vhosts/typed', { body });
      await player.quietly('DELETE /api/vhosts/typed');
    }
  }),
  script('names of virtual hosts may hold what paths may not', async (player) => {
    for (const name of ['a/b', 'a%b', 'a b', 'été ☃', '/a/', '"quoted"']) {
      const path = encodeURIComponent(name);
      await player.requests(
        `PUT /api/vhosts/${path}`,
        `GET /api/vhosts/${path}?columns=name`,
        [`PUT /api/queues/${path}/${path}`, { body: {} }],
        `GET /api/queues/${path}/${path}?columns=name,vhost`,
        `DELETE /api/vhosts/${path}`,
      );
    }
  }),
  script('a virtual host’s AMQP clients are cut off when it is deleted', async (player) => {
    await player.quietly('PUT /api/vhosts/v');
    const connection = await player.connection({ virtualHost: 'v' });
    const closed = new Promise<string>((resolve) =>
      connection.once('close', (error) => resolve(String(error))),
    );
    await player.request('DELETE /api/vhosts/v');
    player.note('what the client is told', await closed);
  }),
  script('limits of virtual hosts are set, looked at and taken', async (player) => {
    await player.requests(
      ['PUT /api/vhost-limits/proof/max-queues', { body: { value: 2 } }],
      ['PUT /api/vhost-limits/proof/max-connections', { body: { value: -1 } }],
      'GET /api/vhost-limits/proof',
      'GET /api/vhost-limits',
      ['PUT /api/queues/proof/one', { body: {} }],
      ['PUT /api/queues/proof/two', { body: {} }],
      ['PUT /api/queues/proof/three', { body: {} }],
      ['PUT /api/vhost-limits/proof/nonsense', { body: { value: 5 } }],
      ['PUT /api/vhost-limits/proof/max-queues', { body: { value: 'x' } }],
      ['PUT /api/vhost-limits/proof/max-queues', { body: { value: 1.5 } }],
      ['PUT /api/vhost-limits/proof/max-queues', { body: {} }],
      ['PUT /api/vhost-limits/proof/max-queues', { body: '{bad' }],
      ['PUT /api/vhost-limits/nowhere/max-queues', { body: { value: 5 } }],
      'GET /api/vhost-limits/nowhere',
      'DELETE /api/vhost-limits/proof/max-queues',
      'DELETE /api/vhost-limits/proof/max-queues',
      'DELETE /api/vhost-limits/proof/nonsense',
      'GET /api/vhost-limits/proof',
    );
  }),
  script('a limit of connections holds for AMQP clients', async (player) => {
    await player.quietly('PUT /api/vhost-limits/proof/max-connections', { body: { value: 0 } });
    const refused = await player.connection().then(
      () => 'let in',
      (error: Error) => error.message,
    );
    player.note('what the client is told', refused);
  }),
  script('a virtual host is started where it already runs', async (player) => {
    await player.requests(
      `POST /api/vhosts/proof/start/${player.node}`,
      `POST /api/vhosts/nowhere/start/${player.node}`,
      'POST /api/vhosts/proof/start/nobody@nowhere',
    );
  }),
];
