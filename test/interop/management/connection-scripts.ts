// Connections, channels and consumers, seen and closed.
import type { ChannelModel } from 'amqplib';
import type { ManagementPlayer } from './player.js';
import { type ManagementScript, script } from './script.js';

interface Listed {
  name: string;
  channels?: number;
  consumer_count?: number;
  message_stats?: { ack?: number; publish?: number };
}

function reasonOf(connection: ChannelModel): Promise<string> {
  return new Promise((resolve) => connection.once('close', (error) => resolve(String(error))));
}

/** The path of the one connection in the virtual host of the test, when it is told of. */
async function connectionPath(player: ManagementPlayer): Promise<string> {
  const { json } = await player.untilQuietly(
    'GET /api/vhosts/proof/connections',
    ([first]: Listed[]) => first?.channels !== undefined,
  );
  return `/api/connections/${encodeURIComponent((json as Listed[])[0]?.name ?? 'not listed')}`;
}

export const connectionScripts: readonly ManagementScript[] = [
  script('a connection is told with all that is known of it', async (player) => {
    await player.channel({ name: 'proof' });
    const path = await connectionPath(player);
    const told = (connection?: Listed) => connection?.channels === 1;
    await player.until(`GET ${path}`, told);
    await player.until('GET /api/connections', (connections: Listed[]) => told(connections[0]));
    await player.request(
      'GET /api/vhosts/proof/connections?columns=name,user,vhost,channels,user_provided_name',
    );
    await player.request('GET /api/connections/username/guest?columns=name,user');
    await player.request('GET /api/connections/username/nobody');
    await player.request('GET /api/connections/none');
    await player.request('GET /api/connections/none/channels');
    await player.request('DELETE /api/connections/none');
  }),
  script('a channel is told with all that is known of it', async (player) => {
    const channel = await player.channel({ name: 'proof' });
    await channel.assertQueue('q', { durable: true });
    await channel.prefetch(7);
    let got: () => void = () => {};
    const delivered = new Promise<void>((resolve) => {
      got = resolve;
    });
    await channel.consume(
      'q',
      (message) => {
        if (message) channel.ack(message);
        got();
      },
      { consumerTag: 'tag', arguments: { 'x-priority': 1 } },
    );
    channel.sendToQueue('q', Buffer.from('x'));
    await delivered;
    await channel.checkQueue('q');
    const path = await connectionPath(player);
    const told = (listed?: Listed) =>
      listed?.consumer_count === 1 && listed.message_stats?.ack === 1 && listed.message_stats.publish === 1;
    const channelPath = `${path.replace('/connections/', '/channels/')}%20(1)`;
    await player.until(`GET ${channelPath}`, told);
    await player.until('GET /api/channels', (channels: Listed[]) => told(channels[0]));
    await player.request(`GET ${path}/channels?columns=name,number,prefetch_count,consumer_count`);
    await player.request('GET /api/vhosts/proof/channels?columns=name,user,vhost,confirm,transactional');
    await player.until('GET /api/consumers/proof', (consumers: unknown[]) => consumers.length === 1);
    await player.request(
      'GET /api/consumers?columns=consumer_tag,queue,ack_required,exclusive,prefetch_count',
    );
    await player.requests('GET /api/channels/none', 'GET /api/consumers/nowhere');
  }),
  script('a connection is closed with the reason of its header', async (player) => {
    const connection = await player.connection();
    const path = await connectionPath(player);
    const told = reasonOf(connection);
    await player.request(`DELETE ${path}`, { headers: { 'x-reason': 'not welcome any more' } });
    player.note('what the client is told', await told);
  }),
  script('a connection is closed with a reason of the server’s own where none is given', async (player) => {
    const connection = await player.connection();
    const path = await connectionPath(player);
    const told = reasonOf(connection);
    await player.request(`DELETE ${path}`);
    player.note('what the client is told', await told);
  }),
  script('all connections of a user are closed', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    await player.quietly('PUT /api/permissions/proof/u', { body: { configure: '', write: '', read: '' } });
    const connections = [await player.connection({ as: 'u:p' }), await player.connection({ as: 'u:p' })];
    const told = Promise.all(connections.map(reasonOf));
    await player.until(
      'GET /api/connections/username/u?columns=user',
      (listed: unknown[]) => listed.length === 2,
    );
    await player.request('DELETE /api/connections/username/u', { headers: { 'x-reason': 'go' } });
    player.note('what the clients are told', await told);
    await player.requests('DELETE /api/connections/username/nobody');
  }),
  script('a user’s connections are closed when it is deleted', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: '' } });
    await player.quietly('PUT /api/permissions/proof/u', { body: { configure: '', write: '', read: '' } });
    const told = reasonOf(await player.connection({ as: 'u:p' }));
    await player.request('DELETE /api/users/u');
    player.note('what the client is told', await told);
  }),
  script('who watches nothing sees only connections of its own', async (player) => {
    await player.quietly('PUT /api/users/u', { body: { password: 'p', tags: 'management' } });
    await player.quietly('PUT /api/permissions/proof/u', { body: { configure: '', write: '', read: '' } });
    await player.connection();
    const path = await connectionPath(player);
    await player.connection({ as: 'u:p' });
    await player.until('GET /api/connections?columns=user', (listed: unknown[]) => listed.length === 2);
    await player.requests(
      ['GET /api/connections?columns=user', { as: 'u:p' }],
      ['GET /api/vhosts/proof/connections?columns=user', { as: 'u:p' }],
      [`GET ${path}`, { as: 'u:p' }],
      [`DELETE ${path}`, { as: 'u:p' }],
    );
  }),
];
