// Peers that are broken, slow or malicious: each harms at most its own connection, and the broker
// neither ends nor grows.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BrokerProcess } from './broker-process.js';
import { encodeHeader, frameBody, frameHeader, frameMethod } from './wire/content.js';
import { typed } from './wire/field-table.js';
import { FrameClient } from './wire/frame-client.js';
import { encodeMethod } from './wire/method-table.js';

let broker: BrokerProcess;

beforeAll(async () => {
  broker = await BrokerProcess.start();
});

afterAll(async () => {
  await broker.stop();
});

// Whatever was done to it, the broker serves the next one as if nothing had been.
afterEach(async () => {
  expect(await broker.serves()).toBe(true);
});

test('a frame that announces four gigabytes is refused at its head', async () => {
  const before = broker.residentMebibytes;
  const client = await broker.open();
  client.sendBytes(Buffer.from([3, 0, 1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]));
  const close = await client.next((received) => received.name === 'connection.close');
  expect(close.arguments['replyCode']).toBe(501);
  expect(broker.residentMebibytes - before).toBeLessThan(50);
});

test('a body that announces an exabyte is refused before any of it comes', async () => {
  const client = await broker.open();
  client.send(1, 'basic.publish', { routingKey: 'x' });
  const header = encodeHeader({}, 0);
  header.writeBigUInt64BE(2n ** 60n, 4);
  client.sendFrame(frameHeader, 1, header);
  const close = await client.next((received) => received.name.endsWith('.close'));
  expect(close.name).toMatch(/close/);
  expect(String(close.arguments['replyText'])).toMatch(/larger than|too large/);
  client.destroy();
});

test('tables ten thousand deep are refused, in methods and in messages', async () => {
  let table: Buffer = Buffer.alloc(4);
  for (let depth = 0; depth < 10_000; depth += 1) {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(table.length + 3);
    table = Buffer.concat([head, Buffer.from('\x01aF', 'latin1'), table]);
  }
  const declaring = await broker.open();
  const declare = encodeMethod('queue.declare', { queue: 'warren.deep', exclusive: true });
  declaring.sendFrame(frameMethod, 1, Buffer.concat([declare.subarray(0, -4), table]));
  expect((await declaring.next((received) => /close|declare-ok/.test(received.name))).name).not.toBe(
    'timeout',
  );
  declaring.destroy();
  const publishing = await broker.open();
  publishing.send(1, 'basic.publish', { exchange: 'amq.headers', routingKey: 'x' });
  const header = Buffer.concat([encodeHeader({}, 0), table]);
  header.writeUInt16BE(1 << 13, 12);
  publishing.sendFrame(frameHeader, 1, header);
  const answer = await publishing.call(1, 'queue.declare', { exclusive: true });
  expect(answer.name).toMatch(/close|declare-ok/);
  publishing.destroy();
});

test('a message that nobody could decode is refused, and does not wait in a queue to be dead-lettered', async () => {
  const client = await broker.open();
  const args = { 'x-message-ttl': 1, 'x-dead-letter-exchange': 'amq.fanout' };
  await client.call(1, 'queue.declare', { queue: 'warren.poison', exclusive: true, arguments: args });
  client.publish(
    1,
    { routingKey: 'warren.poison' },
    { headers: { strange: typed('Z', 'x') } },
    Buffer.from('x'),
  );
  const close = await client.next((received) => received.name === 'connection.close');
  expect(close.arguments['replyText']).toBe('SYNTAX_ERROR - unknown field type 90');
  const other = await broker.open();
  expect((await other.call(1, 'queue.declare', { exclusive: true })).name).toBe('queue.declare-ok');
  other.destroy();
});

test('a client that goes away in the middle of a body leaves nothing behind', async () => {
  const watching = await broker.open();
  await watching.call(1, 'queue.declare', { queue: 'warren.hostile.half', autoDelete: true });
  const client = await broker.open();
  client.send(1, 'basic.publish', { routingKey: 'warren.hostile.half' });
  client.sendFrame(frameHeader, 1, encodeHeader({}, 100));
  client.sendFrame(frameBody, 1, Buffer.from('half of it'));
  client.socket.end();
  await client.next((received) => received.name === 'socket.closed');
  const { arguments: state } = await watching.call(1, 'queue.declare', {
    queue: 'warren.hostile.half',
    passive: true,
  });
  expect(state['messageCount']).toBe(0);
  await watching.call(1, 'queue.delete', { queue: 'warren.hostile.half' });
  watching.destroy();
});

test('a consumer that does not read does not fill the broker’s memory', async () => {
  const [reader, publisher] = [await broker.open(), await broker.open()];
  const queue = 'warren.hostile.slow';
  await publisher.call(1, 'queue.declare', { queue, autoDelete: true, arguments: { 'x-max-length': 1000 } });
  await reader.call(1, 'basic.consume', { queue, noAck: true });
  reader.socket.pause();
  await publisher.call(1, 'confirm.select');
  const before = broker.residentMebibytes;
  const body = Buffer.alloc(10_000);
  let confirmed = 0;
  for (let batch = 0; batch < 200; batch += 1) {
    for (let index = 0; index < 100; index += 1) publisher.publish(1, { routingKey: queue }, {}, body);
    confirmed += 100;
    const reached = await publisher.next(
      (received) => {
        const tag = Number(received.arguments['deliveryTag']);
        return received.name === 'basic.ack' && tag === confirmed;
      },
      Math.max(0, publisher.received.length - 100),
    );
    expect(reached.name).toBe('basic.ack');
  }
  expect(broker.residentMebibytes - before).toBeLessThan(120);
  reader.destroy();
  await publisher.call(1, 'queue.delete', { queue });
  publisher.destroy();
});

test('a consumer that never acks gets its prefetch and no more, and hurts nobody', async () => {
  const [holder, worker] = [await broker.open(), await broker.open()];
  const { arguments: declared } = await worker.call(1, 'queue.declare', {
    queue: 'warren.hostile.unacked',
    autoDelete: true,
  });
  const queue = String(declared['queue']);
  await holder.call(1, 'basic.qos', { prefetchCount: 10 });
  await holder.call(1, 'basic.consume', { queue });
  await worker.call(1, 'basic.consume', { queue, noAck: true });
  for (let index = 0; index < 1_000; index += 1) {
    worker.publish(1, { routingKey: queue }, {}, Buffer.from(String(index)));
  }
  const delivered = (client: FrameClient) => client.received.filter((item) => item.name === 'basic.deliver');
  await worker.next(() => delivered(worker).length === 990);
  await holder.next(() => delivered(holder).length === 10);
  expect(delivered(worker)).toHaveLength(990);
  expect(delivered(holder)).toHaveLength(10);
  holder.destroy();
  await worker.next(() => delivered(worker).length === 1_000);
  expect(delivered(worker)).toHaveLength(1_000);
  await worker.call(1, 'queue.delete', { queue });
  worker.destroy();
});

test('five hundred connections stand at once, and leave when they are cut', async () => {
  const before = broker.residentMebibytes;
  const clients: FrameClient[] = [];
  for (let batch = 0; batch < 10; batch += 1) {
    clients.push(...(await Promise.all(Array.from({ length: 50 }, () => broker.open()))));
  }
  await Promise.all(
    clients.map((client, index) =>
      client.call(1, 'queue.declare', { queue: `warren.hostile.many.${index}`, exclusive: true }),
    ),
  );
  expect(broker.residentMebibytes - before).toBeLessThan(100);
  for (const client of clients) client.destroy();
  const watching = await broker.open();
  for (;;) {
    const state = await watching.call(1, 'queue.declare', {
      queue: 'warren.hostile.many.499',
      passive: true,
    });
    if (state.arguments['replyCode'] === 404) break;
    await watching.call(1, 'channel.open');
  }
  watching.destroy();
});

test('channels opened and closed ten thousand times leave nothing behind', async () => {
  const client = await broker.open();
  const before = broker.residentMebibytes;
  for (let index = 0; index < 10_000; index += 1) {
    client.send(2, 'channel.open');
    client.send(2, 'basic.qos', { prefetchCount: 5 });
    client.send(2, 'channel.close', { replyCode: 200 });
  }
  let closed = 0;
  const all = await client.next((item) => item.name === 'channel.close-ok' && ++closed === 10_000, 0, 15_000);
  expect(all.name).toBe('channel.close-ok');
  expect(broker.residentMebibytes - before).toBeLessThan(60);
  client.destroy();
});

test('a client that falls silent is cut after two heartbeats', async () => {
  const client = await FrameClient.open(broker.host, broker.port, { heartbeatSeconds: 1 });
  await client.next((received) => received.name === 'socket.closed', 0, 6_000);
  expect(client.ended).toBe(true);
});

test('a client that never says a word is cut within fifteen seconds', async () => {
  const client = new FrameClient(broker.host, broker.port);
  await client.next((received) => received.name === 'socket.closed', 0, 15_000);
  expect(client.ended).toBe(true);
}, 20_000);
