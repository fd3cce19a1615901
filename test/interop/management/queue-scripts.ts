// Queues: declaring, looking at, deleting, purging, and what is refused.
import { type ManagementScript, script } from './script.js';

interface Told {
  messages?: number;
  messages_ready?: number;
  consumers?: number;
}

export const queueScripts: readonly ManagementScript[] = [
  script('a queue is declared, declared again, and deleted', async (player) => {
    await player.requests(
      ['PUT /api/queues/proof/q', { body: {} }],
      ['PUT /api/queues/proof/q', { body: {} }],
      'GET /api/queues/proof/q?columns=name,vhost,durable,auto_delete,exclusive,arguments,type,node',
      'DELETE /api/queues/proof/q',
      'DELETE /api/queues/proof/q',
      'GET /api/queues/proof/q',
    );
  }),
  script('a queue is declared with all that it can be given', async (player) => {
    const body = {
      durable: true,
      auto_delete: true,
      arguments: { 'x-max-length': 10, 'x-message-ttl': 60_000, 'x-dead-letter-exchange': 'amq.fanout' },
    };
    await player.requests(
      ['PUT /api/queues/proof/q', { body }],
      ['PUT /api/queues/proof/q', { body: { ...body, durable: false } }],
      ['PUT /api/queues/proof/q', { body: { ...body, arguments: { 'x-max-length': 11 } } }],
      'GET /api/queues/proof/q?columns=name,durable,auto_delete,arguments',
    );
  }),
  script('a queue that says who it is in its body is declared by its path', async (player) => {
    await player.requests(
      ['PUT /api/queues/proof/q', { body: { name: 'other', vhost: '/', nonsense: 1, durable: true } }],
      'GET /api/queues/proof?columns=name,vhost,durable',
    );
  }),
  script('what a queue is declared with has its types', async (player) => {
    for (const body of [
      { durable: 'x' },
      { durable: 'true' },
      { durable: 1 },
      { durable: null },
      { auto_delete: 'yes' },
      { arguments: [] },
      { arguments: 'x' },
      { arguments: { 'x-max-length': 'ten' } },
      { arguments: { 'x-max-length': -1 } },
      { arguments: { 'x-message-ttl': -1 } },
      { arguments: { 'x-queue-type': 'nonsense' } },
      { arguments: { 'x-queue-type': 'quorum' }, durable: false },
      { arguments: { 'x-expires': 0 } },
      { arguments: { 'x-max-priority': 256 } },
      { arguments: { 'x-overflow': 'drop-middle' } },
      { node: 'nobody@nowhere' },
    ]) {
      await player.request('PUT /api/queues/proof/typed', { body });
      await player.quietly('DELETE /api/queues/proof/typed');
    }
  }),
  script('what is not JSON, or not an object, declares nothing', async (player) => {
    for (const body of ['{bad', '', '[]', '"x"', '1', 'null', 'true', '{"durable":true}trailing']) {
      await player.request('PUT /api/queues/proof/bad', { body });
      await player.quietly('DELETE /api/queues/proof/bad');
    }
  }),
  script('names of queues may hold what paths may not', async (player) => {
    for (const name of ['a/b', 'a%b', 'a b', 'été ☃', 'a+b', 'a?b#c', '..', 'a&b=c', '"quoted"', '{x}']) {
      const path = `/api/queues/proof/${encodeURIComponent(name)}`;
      await player.requests([`PUT ${path}`, { body: {} }], `GET ${path}?columns=name`, `DELETE ${path}`);
    }
    await player.requests(
      ['PUT /api/queues/proof/a+plus', { body: {} }],
      'GET /api/queues/proof?columns=name',
      ['PUT /api/queues/proof/%zz', { body: {} }],
      ['PUT /api/queues/proof/%ff', { body: {} }],
      ['PUT /api/queues/proof/amq.mine', { body: {} }],
      [`PUT /api/queues/proof/${'n'.repeat(256)}`, { body: {} }],
      ['PUT /api/queues/proof/', { body: {} }],
    );
  }),
  script('a queue of a virtual host that is not there is not found', async (player) => {
    await player.requests(
      'GET /api/queues/nowhere',
      'GET /api/queues/nowhere/q',
      ['PUT /api/queues/nowhere/q', { body: {} }],
      'DELETE /api/queues/nowhere/q',
      'DELETE /api/queues/nowhere/q/contents',
      'GET /api/queues/nowhere/q/bindings',
      [
        'POST /api/queues/nowhere/q/get',
        { body: { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' } },
      ],
    );
  }),
  script('a queue is deleted only if it is empty, or unused, where that is asked', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    channel.sendToQueue('q', Buffer.from('one'));
    await channel.consume('q', () => {}, { noAck: false });
    await player.requests(
      'DELETE /api/queues/proof/q?if-unused=true',
      'DELETE /api/queues/proof/q?if-empty=true&if-unused=true',
      'DELETE /api/queues/proof/q?if-unused=nonsense',
    );
    await channel.assertQueue('full', { durable: true });
    channel.sendToQueue('full', Buffer.from('one'));
    await channel.checkQueue('full');
    await player.requests('DELETE /api/queues/proof/full?if-empty=true', 'DELETE /api/queues/proof/full');
  }),
  script('a queue is purged', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    for (const body of ['one', 'two']) channel.sendToQueue('q', Buffer.from(body));
    await channel.checkQueue('q');
    await player.requests('DELETE /api/queues/proof/q/contents');
    player.note('what is left', (await channel.checkQueue('q')).messageCount);
    await player.requests(
      'GET /api/queues/proof/q/contents',
      'PUT /api/queues/proof/q/contents',
      'DELETE /api/queues/proof/none/contents',
    );
  }),
  script('an exclusive queue is another’s', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('mine', { exclusive: true });
    await player.requests(
      ['PUT /api/queues/proof/mine', { body: {} }],
      'DELETE /api/queues/proof/mine/contents',
      'DELETE /api/queues/proof/mine',
      [
        'POST /api/queues/proof/mine/get',
        { body: { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' } },
      ],
      'GET /api/queues/proof/mine/bindings',
      ['POST /api/bindings/proof/e/amq.direct/q/mine', { body: { routing_key: 'k' } }],
    );
  }),
  script('a queue that works tells all that is known of it', async (player) => {
    // Of a name that no other script uses: RabbitMQ goes on counting where another queue left off.
    const channel = await player.channel({ name: 'proof' });
    await channel.assertQueue('working', { durable: true, arguments: { 'x-max-priority': 3 } });
    for (const body of ['one', 'two', 'three'])
      channel.sendToQueue('working', Buffer.from(body), { persistent: true });
    await channel.prefetch(1);
    await channel.consume('working', () => {}, { consumerTag: 'tag', arguments: { 'x-priority': 2 } });
    const told = (queue?: Told) =>
      queue?.messages === 3 && queue.messages_ready === 2 && queue.consumers === 1;
    await player.until('GET /api/queues/proof/working', told);
    await player.until('GET /api/queues/proof', (queues: Told[]) => told(queues[0]));
    await player.request('GET /api/queues?columns=name,messages&name=working&page=1');
  }),
  script('a quorum queue tells all that is known of it', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('quorum', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue('quorum', Buffer.from('one'));
    await player.until('GET /api/queues/proof/quorum', (queue?: Told) => queue?.messages === 1);
  }),
  script('an action on a queue is one that is known', async (player) => {
    await player.requests(
      ['PUT /api/queues/proof/q', { body: {} }],
      ['POST /api/queues/proof/q/actions', { body: { action: 'nonsense' } }],
      ['POST /api/queues/proof/q/actions', { body: {} }],
      ['POST /api/queues/proof/none/actions', { body: { action: 'sync' } }],
    );
  }),
];
