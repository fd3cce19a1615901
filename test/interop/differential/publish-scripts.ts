// Publishing: confirms, returns, properties, bodies, and what is wrong with a message.

import { encodeFrame, encodeHeader, frameBody, frameHeader } from '../wire/content.js';
import { typed } from '../wire/field-table.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.published';

export const publishScripts: Script[] = [
  script('publishes are confirmed in order, routed or not', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { durable: true });
    await channel.call('confirm.select');
    for (const [key, deliveryMode] of [
      [q, 1],
      [q, 2],
      ['nobody', 2],
    ] as const) {
      channel.publish('', key, 'x', { deliveryMode });
      await channel.receive();
    }
  }),
  script('an unroutable mandatory message is returned before it is confirmed', async (player) => {
    const channel = await player.channel();
    await channel.call('confirm.select');
    channel.publish(
      'amq.direct',
      'nobody',
      'back',
      { messageId: 'm', headers: { a: 1 } },
      { mandatory: true },
    );
    await channel.receive(2);
  }),
  script('an unroutable mandatory message is returned without confirms as well', async (player) => {
    const channel = await player.channel();
    channel.publish('', 'nobody', '', {}, { mandatory: true });
    channel.publish('', 'nobody', 'y'.repeat(200_000), {}, { mandatory: true });
    await channel.receive(2);
  }),
  script('confirm.select is answered again and again', async (player) => {
    const channel = await player.channel();
    await channel.call('confirm.select');
    await channel.call('confirm.select');
    channel.send('confirm.select', { noWait: true });
    channel.publish('', 'nobody');
    await channel.receive();
  }),
  script('every property and every field type arrives as it was sent', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', q, Buffer.from([0, 1, 2, 0xce, 0xff]), {
      contentType: 'application/json',
      contentEncoding: 'gzip',
      headers: {
        string: 'ü',
        long: 2 ** 40,
        int: -5,
        short: typed('s', -3),
        byte: typed('b', -1),
        octet: typed('B', 200),
        unsignedShort: typed('u', 65_535),
        unsignedInt: typed('i', 4_000_000_000),
        float: typed('f', 1.5),
        double: 3.25,
        bool: true,
        no: false,
        nothing: null,
        list: ['a', 1, [null, true], { b: 'c' }],
        table: { deeper: { deepest: 'x' } },
        time: typed('T', 1_700_000_000),
        decimal: typed('D', 314),
        bytes: typed('x', 'raw'),
        empty: {},
        none: [],
      },
      deliveryMode: 2,
      priority: 7,
      correlationId: 'c',
      replyTo: 'r',
      expiration: '600000',
      messageId: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      userId: 'guest',
      appId: 'app',
      clusterId: 'cluster',
    });
    await channel.get(q);
  }),
  script('bodies of any size arrive whole', async (player) => {
    const channel = await player.channel({ frameMax: 8192 });
    await channel.queue(q);
    for (const size of [0, 1, 8183, 8184, 8185, 100_000, 1_000_000]) {
      channel.publish('', q, Buffer.alloc(size, size % 251));
      await channel.get(q);
    }
  }),
  script('a body may be split into any frames, empty ones among them', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.send('basic.publish', { exchange: '', routingKey: q });
    const { client } = channel.connection;
    client.sendFrame(frameHeader, channel.number, encodeHeader({}, 6));
    for (const part of ['a', '', 'bcd', 'ef']) client.sendFrame(frameBody, channel.number, Buffer.from(part));
    await channel.get(q);
  }),
  script('a frame that comes byte by byte is read', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.send('basic.publish', { exchange: '', routingKey: q });
    const frame = encodeFrame(frameHeader, channel.number, encodeHeader({ type: 't' }, 0));
    for (const byte of frame) channel.connection.client.sendBytes(Buffer.of(byte));
    await channel.get(q);
  }),
  ...['foobar', '10000foobar', '-10', '', '1.5', ' 5', '99999999999999999999'].map((expiration) =>
    script(`a publish with the expiration ${JSON.stringify(expiration)} is refused`, async (player) => {
      const channel = await player.channel();
      await channel.queue(q);
      channel.publish('', q, 'x', { expiration });
      await channel.settle();
    }),
  ),
  script('a publish in the name of another user is refused', async (player) => {
    const channel = await player.channel();
    channel.publish('', q, 'x', { userId: 'not the guest, honest' });
    await channel.closed();
  }),
  script('immediate is not implemented', async (player) => {
    const channel = await player.channel();
    channel.publish('', q, 'x', {}, { immediate: true });
    await channel.closed();
  }),
  script('a transaction takes effect with its commit and not with its rollback', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('tx.select');
    channel.publish('', q, 'rolled back');
    await channel.call('tx.rollback');
    channel.publish('', q, 'committed');
    await channel.queue(q, { passive: true });
    await channel.call('tx.commit');
    await channel.queue(q, { passive: true });
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.rollback');
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.commit');
  }),
  script('a commit without a transaction is refused', async (player) => {
    await (await player.channel()).call('tx.commit');
  }),
  script('a transaction on a confirming channel is refused', async (player) => {
    const channel = await player.channel();
    await channel.call('confirm.select');
    await channel.call('tx.select');
  }),
  script('confirms on a transactional channel are refused', async (player) => {
    const channel = await player.channel();
    await channel.call('tx.select');
    await channel.call('confirm.select');
  }),
  script(
    'what follows an error on its channel is dropped, and the channel number is used again',
    async (player) => {
      const connection = await player.connection();
      connection.client.answersClose = false;
      const channel = await connection.channel();
      await channel.queue(q);
      channel.send('queue.declare', { queue: 'warren.diff.none', passive: true });
      channel.publish('', q, 'dropped');
      channel.send('queue.declare', { queue: q, passive: true });
      channel.send('queue.purge', { queue: 'warren.diff.none' });
      await channel.closed();
      connection.client.answersClose = true;
      channel.send('channel.close-ok');
      await connection.client.call(1, 'channel.open');
      await connection.client.call(1, 'queue.declare', { queue: q, passive: true });
    },
  ),
  script('an error on one channel leaves the others alone', async (player) => {
    const connection = await player.connection();
    const one = await connection.channel();
    const two = await connection.channel();
    await one.queue(q, { passive: true });
    await two.queue(q);
    two.publish('', q, 'alive');
    await two.get(q);
  }),
];
