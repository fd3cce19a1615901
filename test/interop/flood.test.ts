// Clients that have logged in and ask for more than anybody needs, or say what nobody says: what bounds it,
// and what they are told.
import { readFileSync } from 'node:fs';
import amqplib from 'amqplib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import { until } from '../until.js';
import { BrokerProcess } from './broker-process.js';
import { frameBody } from './wire/content.js';
import type { FieldTable } from './wire/field-table.js';
import { FrameClient } from './wire/frame-client.js';

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

const isClose = ({ name }: { name: string }): boolean => name === 'connection.close';

test('channels: as many as were agreed on, and the next one closes the connection', async () => {
  const before = broker.residentMebibytes;
  const client = await FrameClient.open(broker.host, broker.port);
  for (let channel = 1; channel <= 2047; channel++) client.send(channel, 'channel.open');
  await client.next(({ name, channel }) => name === 'channel.open-ok' && channel === 2047);
  expect(broker.residentMebibytes - before).toBeLessThan(60);
  client.send(2048, 'channel.open');
  expect((await client.next(isClose)).arguments).toMatchObject({
    replyCode: 530,
    replyText: 'NOT_ALLOWED - number of channels opened (2047) has reached the negotiated channel_max (2047)',
  });
});

test('consumers: ten thousand of a channel, and the next one closes the connection', async () => {
  const before = broker.residentMebibytes;
  const client = await broker.open();
  await client.call(1, 'queue.declare', { queue: 'warren.flood.consumers', exclusive: true });
  const consume = (tag: number) =>
    client.send(1, 'basic.consume', { queue: 'warren.flood.consumers', consumerTag: `tag-${tag}` });
  for (let tag = 1; tag <= 10_000; tag++) consume(tag);
  await client.next((item) => item.arguments['consumerTag'] === 'tag-10000', 0, 10_000);
  expect(broker.residentMebibytes - before).toBeLessThan(60);
  consume(10_001);
  expect((await client.next(isClose)).arguments).toMatchObject({
    replyCode: 530,
    replyText: 'NOT_ALLOWED - reached maximum (10000) of consumers per channel',
    classId: 60,
    methodId: 20,
  });
});

test('consumers: fewer of a channel where that is set, and one that is cancelled makes room', async () => {
  const strict = await Broker.start({ port: 0, consumersMax: 2 });
  const connection = await amqplib.connect(strict.url);
  const failed = new Promise<Error>((resolve) => connection.once('error', resolve));
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const { queue } = await channel.assertQueue('', { exclusive: true });
  const first = await channel.consume(queue, () => undefined);
  await channel.consume(queue, () => undefined);
  await channel.cancel(first.consumerTag);
  await channel.consume(queue, () => undefined);
  await expect(channel.consume(queue, () => undefined)).rejects.toThrow();
  expect((await failed).message).toContain('reached maximum (2) of consumers per channel');
  await strict.stop();
});

test('queues and bindings: they go with the connection that they were exclusive to, and leave nothing behind', async () => {
  const flood = async (): Promise<void> => {
    const client = await broker.open();
    for (let index = 0; index < 2_000; index++) {
      const queue = `warren.flood.${index}`;
      client.send(1, 'queue.declare', { queue, exclusive: true, noWait: true });
      for (let key = 0; key < 10; key++) {
        client.send(1, 'queue.bind', {
          queue,
          exchange: 'amq.topic',
          routingKey: `a.${index}.${key}`,
          noWait: true,
        });
      }
    }
    const last = await client.call(1, 'queue.declare', { queue: 'warren.flood.1999', passive: true });
    expect(last.name).toBe('queue.declare-ok');
    await client.call(0, 'connection.close', { replyCode: 200 });
    client.destroy();
  };
  // The least of several rounds: in between the heap has what is not collected yet.
  const least = async (): Promise<number> => {
    const figures: number[] = [];
    for (let round = 0; round < 8; round++) {
      await flood();
      figures.push(broker.residentMebibytes);
    }
    return Math.min(...figures);
  };
  const before = await least();
  // Were they kept, two thousand queues and twenty thousand bindings a round would be far more.
  expect((await least()) - before).toBeLessThan(50);
}, 120_000);

test('headers: as many as go into a frame come back as they were, and no more are read', async () => {
  const client = await broker.open();
  const { arguments: declared } = await client.call(1, 'queue.declare', { exclusive: true });
  const queue = String(declared['queue']);
  const headers: FieldTable = {};
  for (let index = 0; index < 4_000; index++) headers[`header-${index}`] = `value ${index}`;
  client.publish(1, { routingKey: queue }, { headers }, Buffer.from('x'));
  const got = await client.call(1, 'basic.get', { queue, noAck: true });
  expect(got.properties?.headers).toEqual(headers);
  for (let index = 0; index < 5_000; index++) headers[`more-${index}`] = `value ${index}`;
  client.publish(1, { routingKey: queue }, { headers }, Buffer.from('x'));
  expect(String((await client.next(isClose)).arguments['replyText'])).toMatch(
    /^FRAME_ERROR - type 2, all octets = <<>>: \{frame_too_large,\d+,131064\}$/,
  );
});

test('keys that mean something to JavaScript mean nothing to the broker', async () => {
  const inProcess = await Broker.start({ port: 0 });
  const client = await FrameClient.open(inProcess.host, inProcess.port);
  await client.call(1, 'channel.open');
  const strange = JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":"x","hasOwnProperty":true}',
  ) as FieldTable;
  const declared = await client.call(1, 'queue.declare', {
    queue: '__proto__',
    exclusive: true,
    arguments: strange,
  });
  expect(declared).toMatchObject({ name: 'queue.declare-ok', arguments: { queue: '__proto__' } });
  await client.call(1, 'exchange.declare', { exchange: 'constructor', type: 'headers', autoDelete: true });
  const binding = { queue: '__proto__', exchange: 'constructor', routingKey: 'toString', arguments: strange };
  expect((await client.call(1, 'queue.bind', binding)).name).toBe('queue.bind-ok');
  // Matched by all of the strange keys, as they were bound.
  client.publish(1, { exchange: 'constructor' }, { headers: strange }, Buffer.from('matched'));
  client.publish(1, { exchange: 'constructor' }, { headers: { toString: 'y' } }, Buffer.from('unmatched'));
  const got = await client.call(1, 'basic.get', { queue: '__proto__', noAck: true });
  expect(got.body?.toString()).toBe('matched');
  expect(JSON.stringify(got.properties?.headers)).toBe(JSON.stringify(strange));
  expect((await client.call(1, 'basic.get', { queue: '__proto__' })).name).toBe('basic.get-empty');
  // And to a program in the broker's own process.
  client.publish(1, { exchange: 'constructor' }, { headers: strange }, Buffer.from('again'));
  await client.call(1, 'queue.declare', { queue: '__proto__', passive: true });
  client.send(1, 'queue.declare', { queue: 'hasOwnProperty', autoDelete: true, noWait: true });
  client.publish(1, { routingKey: 'hasOwnProperty' }, { headers: strange }, Buffer.from('inside'));
  await client.call(1, 'queue.declare', { queue: 'hasOwnProperty', passive: true });
  const channel = await inProcess.connect().openChannel();
  const inside = await channel.get('hasOwnProperty', { noAck: true });
  expect(Object.keys(inside?.properties.headers ?? {})).toEqual(Object.keys(strange));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  client.destroy();
  await inProcess.stop();
});

test('a body in frames without anything in them is waited for as long as the client lives, and no longer', async () => {
  const client = await FrameClient.open(broker.host, broker.port);
  await client.call(1, 'channel.open');
  const before = broker.residentMebibytes;
  client.send(1, 'basic.publish', { routingKey: 'nobody' });
  const header = Buffer.alloc(14);
  header.writeUInt16BE(60, 0);
  header.writeBigUInt64BE(10n, 4);
  client.sendFrame(2, 1, header);
  for (let index = 0; index < 200_000; index++) client.sendFrame(frameBody, 1, Buffer.alloc(0));
  client.sendFrame(frameBody, 1, Buffer.alloc(10));
  expect((await client.call(1, 'queue.declare', { exclusive: true })).name).toBe('queue.declare-ok');
  expect(broker.residentMebibytes - before).toBeLessThan(60);
  client.destroy();
}, 60_000);

test.runIf(process.platform === 'linux')(
  'a peer that asked for no heartbeats is asked by TCP whether it is there (as Linux tells)',
  async () => {
    const client = await FrameClient.open('127.0.0.1', broker.port, { heartbeatSeconds: 0 });
    const local = `0100007F:${broker.port.toString(16).toUpperCase().padStart(4, '0')}`;
    // Until TCP has been told of what was sent, another timer is pending.
    const whenHundredths = await until('the timer of keep-alive', async () => {
      const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
      const sockets = lines.map((line) => line.trim().split(/\s+/));
      const ours = sockets.find(([, address, , state]) => address === local && state === '01');
      const [timer, when = ''] = String(ours?.[5]).split(':');
      return timer === '02' ? Number.parseInt(when, 16) : undefined;
    });
    expect(whenHundredths).toBeLessThanOrEqual(6_000);
    client.destroy();
  },
);
