// Messages: published through an exchange, and got from a queue.
import { type ManagementScript, script } from './script.js';

const publication = { properties: {}, routing_key: 'q', payload: 'hello', payload_encoding: 'string' };
const look = { count: 10, ackmode: 'ack_requeue_true', encoding: 'auto' };

export const messageScripts: readonly ManagementScript[] = [
  script('a message is published through the default exchange and looked at', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    await player.requests(
      ['POST /api/exchanges/proof/amq.default/publish', { body: publication }],
      ['POST /api/exchanges/proof/amq.default/publish', { body: { ...publication, routing_key: 'none' } }],
      ['POST /api/queues/proof/q/get', { body: look }],
      ['POST /api/queues/proof/q/get', { body: look }],
    );
  }),
  script('a message keeps its properties and headers', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    const properties = {
      content_type: 'text/plain',
      content_encoding: 'utf-8',
      delivery_mode: 2,
      priority: 3,
      correlation_id: 'c',
      reply_to: 'r',
      expiration: '60000',
      message_id: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      user_id: 'guest',
      app_id: 'a',
      headers: {
        text: 'é',
        number: 1,
        big: 5_000_000_000,
        part: 1.5,
        yes: true,
        list: [1, 'x'],
        table: { a: { b: 1 } },
      },
    };
    await player.requests(
      ['POST /api/exchanges/proof/amq.default/publish', { body: { ...publication, properties } }],
      ['POST /api/queues/proof/q/get', { body: look }],
    );
  }),
  script('a message that an AMQP client published is shown with its types', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    channel.sendToQueue('q', Buffer.from([0xff, 0xfe, 0]), {
      contentType: 'application/octet-stream',
      headers: { none: null, text: 'x', list: [], when: { '!': 'timestamp', value: 1_700_000_000 } },
      timestamp: 1_700_000_000,
    });
    channel.sendToQueue('q', Buffer.from(''));
    await channel.checkQueue('q');
    await player.requests(
      ['POST /api/queues/proof/q/get', { body: look }],
      ['POST /api/queues/proof/q/get', { body: { ...look, encoding: 'base64' } }],
    );
  }),
  script('payloads are base64 where that is said', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    for (const payload of ['aGVsbG8=', '/w==', 'not base64!', '']) {
      const body = { ...publication, payload, payload_encoding: 'base64' };
      await player.request('POST /api/exchanges/proof/amq.default/publish', { body });
    }
    await player.requests(
      [
        'POST /api/exchanges/proof/amq.default/publish',
        { body: { ...publication, payload_encoding: 'hex' } },
      ],
      ['POST /api/queues/proof/q/get', { body: look }],
    );
  }),
  script('a publish needs all its fields, and with their types', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    for (const field of Object.keys(publication)) {
      const body = Object.fromEntries(Object.entries(publication).filter(([name]) => name !== field));
      await player.request('POST /api/exchanges/proof/amq.default/publish', { body });
    }
    for (const change of [
      { payload: 1 },
      { payload: null },
      { routing_key: 1 },
      { properties: [] },
      { properties: 'x' },
      { properties: { delivery_mode: 'x' } },
      { properties: { nonsense: 1 } },
      { properties: { headers: [] } },
      { properties: { headers: 'x' } },
      { properties: { priority: 'high' } },
      { properties: { user_id: 'somebody' } },
      { properties: { expiration: 'x' } },
      { unknown: 1 },
    ]) {
      await player.request('POST /api/exchanges/proof/amq.default/publish', {
        body: { ...publication, ...change },
      });
    }
    await player.requests(
      ['POST /api/exchanges/proof/amq.default/publish', { body: '{bad' }],
      ['POST /api/exchanges/proof/none/publish', { body: publication }],
      ['POST /api/exchanges/nowhere/amq.default/publish', { body: publication }],
      'GET /api/exchanges/proof/amq.default/publish',
    );
  }),
  script('messages are got as their ackmode says', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    for (const body of ['one', 'two', 'three', 'four']) channel.sendToQueue('q', Buffer.from(body));
    await channel.checkQueue('q');
    for (const ackmode of [
      'ack_requeue_true',
      'reject_requeue_true',
      'ack_requeue_false',
      'reject_requeue_false',
    ]) {
      await player.request('POST /api/queues/proof/q/get', { body: { count: 1, ackmode, encoding: 'auto' } });
      await player.until('GET /api/queues/proof/q?columns=name', () => true);
    }
    player.note('what is left', (await channel.checkQueue('q')).messageCount);
  }),
  script('a long payload is truncated where that is asked', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q', { durable: true });
    channel.sendToQueue('q', Buffer.from('a long payload'));
    await channel.checkQueue('q');
    for (const truncate of [5, '5', 0, -1, 'x', null]) {
      await player.request('POST /api/queues/proof/q/get', { body: { ...look, truncate } });
    }
  }),
  script('a get needs its fields, and with their types', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    for (const body of [
      {},
      { count: 1 },
      { count: 1, ackmode: 'ack_requeue_true' },
      { ackmode: 'ack_requeue_true', encoding: 'auto' },
      { count: 1, encoding: 'auto' },
      { ...look, count: 'x' },
      { ...look, count: '1' },
      { ...look, count: -1 },
      { ...look, count: 0 },
      { ...look, count: 1.5 },
      { ...look, ackmode: 'nonsense' },
      { ...look, encoding: 'nonsense' },
      { count: 1, requeue: true, encoding: 'auto' },
      { ...look, unknown: true },
    ]) {
      await player.request('POST /api/queues/proof/q/get', { body });
    }
    await player.requests(
      ['POST /api/queues/proof/q/get', { body: '{bad' }],
      ['POST /api/queues/proof/none/get', { body: look }],
      'GET /api/queues/proof/q/get',
    );
  }),
  script(
    'a mandatory publish that nobody takes is not routed, and an internal exchange takes none',
    async (player) => {
      await player.requests(
        ['PUT /api/exchanges/proof/inner', { body: { type: 'fanout', internal: true } }],
        ['POST /api/exchanges/proof/inner/publish', { body: publication }],
        ['POST /api/exchanges/proof/amq.fanout/publish', { body: publication }],
      );
    },
  ),
];
