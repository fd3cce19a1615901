import { once } from 'node:events';
import { connect as dial } from 'node:net';
import amqplib, { type Channel, type ChannelModel } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Broker } from './broker.js';

let broker: Broker;
let connection: ChannelModel;
let channel: Channel;

beforeAll(async () => {
  broker = await Broker.start({ port: 0 });
});

afterAll(() => broker.stop());

beforeEach(async () => {
  connection = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`);
  connection.on('error', () => undefined);
  channel = await connection.createChannel();
  channel.on('error', () => undefined);
});

afterEach(() => connection.close().catch(() => undefined));

/** The error that closes a channel. */
function failure(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => 'no error',
    (error: unknown) => String(error),
  );
}

describe('errors', () => {
  test.each([
    [
      (one: Channel) => one.checkQueue('nope'),
      "404 (NOT-FOUND) with message \"NOT_FOUND - no queue 'nope' in vhost '/'",
    ],
    [(one: Channel) => one.checkExchange('nope'), "NOT_FOUND - no exchange 'nope' in vhost '/'"],
    [
      (one: Channel) => one.assertQueue('amq.x'),
      "ACCESS_REFUSED - queue name 'amq.x' contains reserved prefix 'amq.*'",
    ],
    [
      (one: Channel) => one.assertQueue('bad', { messageTtl: -1 }),
      "invalid arg 'x-message-ttl' for queue 'bad' in vhost '/': {value_negative,-1}",
    ],
    [
      (one: Channel) => one.assertExchange('amq.direct', 'fanout'),
      "inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': received 'fanout' but current is 'direct'",
    ],
    [(one: Channel) => one.bindQueue('', '', ''), 'no previously declared queue'],
  ])('a mistake closes the channel with the words of RabbitMQ (%#)', async (operation, expected) => {
    expect(await failure(Promise.resolve(operation(channel)))).toContain(expected);
    await connection.createChannel();
  });

  test('a queue declared again with other arguments is refused by name', async () => {
    await channel.assertQueue('same', { exclusive: true, maxLength: 5 });
    expect(await failure(channel.assertQueue('same', { exclusive: true, maxLength: 6 }))).toContain(
      "inequivalent arg 'x-max-length' for queue 'same' in vhost '/': received '6' but current is '5'",
    );
  });

  test("another connection's exclusive queue is locked", async () => {
    await channel.assertQueue('mine', { exclusive: true });
    const other = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`);
    const stranger = await other.createChannel();
    stranger.on('error', () => undefined);
    expect(await failure(stranger.checkQueue('mine'))).toContain('RESOURCE_LOCKED');
    await other.close();
  });

  test('a wrong password is refused, and so is a virtual host that is not there', async () => {
    expect(await failure(amqplib.connect(`amqp://guest:wrong@127.0.0.1:${broker.port}`))).toContain('403');
    expect(await failure(amqplib.connect(`amqp://127.0.0.1:${broker.port}/other`))).toContain(
      'ConnectionClose',
    );
  });

  test('another protocol is answered with our header and closed', async () => {
    const socket = dial(broker.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer).toEqual(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'));
    await once(socket, 'close');
  });

  test('listening on a network with the user guest, or without TLS, is refused unless asked for', async () => {
    const anywhere = { host: '0.0.0.0', port: 0 };
    await expect(Broker.start({ ...anywhere, allowPlainFromAnywhere: true })).rejects.toMatchObject({
      code: 'ERR_WARREN_BROKER_GUEST_EXPOSED',
    });
    await expect(Broker.start({ ...anywhere, allowGuestFromAnywhere: true })).rejects.toMatchObject({
      code: 'ERR_WARREN_BROKER_PLAIN_EXPOSED',
    });
  });

  test('a taken port rejects with the system error', async () => {
    await expect(Broker.start({ port: broker.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: broker.port,
    });
  });
});

test('a body over the limit closes its channel in RabbitMQ’s words, and one at the limit does not', async () => {
  const small = await Broker.start({ port: 0, messageBytesMax: 1000 });
  const model = await amqplib.connect(small.url);
  const confirming = await model.createConfirmChannel();
  const closed = once(confirming, 'error');
  confirming.publish('amq.fanout', '', Buffer.alloc(1000));
  await confirming.waitForConfirms();
  confirming.publish('amq.fanout', '', Buffer.alloc(1001));
  const [error] = (await closed) as [Error];
  const text = 'PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000';
  expect(error.message).toContain(text);
  await model.close();
  await small.stop();
});

describe('connections', () => {
  test('a transaction publishes and acks on commit, and not on rollback', async () => {
    await channel.assertQueue('tx', { exclusive: true });
    const transaction = channel as unknown as {
      rpc(method: number, fields: object, expected: number): Promise<unknown>;
    };
    await transaction.rpc(0x5a000a, {}, 0x5a000b);
    channel.sendToQueue('tx', Buffer.from('dropped'));
    await transaction.rpc(0x5a001e, {}, 0x5a001f);
    channel.sendToQueue('tx', Buffer.from('kept'));
    expect((await channel.checkQueue('tx')).messageCount).toBe(0);
    await transaction.rpc(0x5a0014, {}, 0x5a0015);
    expect((await channel.checkQueue('tx')).messageCount).toBe(1);
  });

  test('localhost reaches the broker on either address', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      const one = await amqplib.connect(`amqp://${host}:${broker.port}`);
      await one.close();
    }
  });

  test('a peer that stays silent past its heartbeats is closed', async () => {
    const brief = await Broker.start({ port: 0, heartbeatSeconds: 1 });
    const one = await amqplib.connect(`amqp://127.0.0.1:${brief.port}?heartbeat=1`);
    one.on('error', () => undefined);
    const { stream } = one.connection as unknown as { stream: { pause(): void; write: () => boolean } };
    stream.write = () => true;
    await new Promise((resolve) => one.on('close', resolve));
    await brief.stop();
  });

  test('a broker that stops says so to its connections', async () => {
    const stopped = await Broker.start({ port: 0 });
    const one = await amqplib.connect(`amqp://127.0.0.1:${stopped.port}`);
    const closed = new Promise<Error>((resolve) => one.on('close', resolve));
    await stopped.stop();
    expect((await closed).message).toContain(
      "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
    );
  });
});
