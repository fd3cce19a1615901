// Contents cut into frames in every way, several channels that interleave them, and frames where none belongs.
import {
  encodeFrame,
  encodeHeader,
  frameBody,
  frameHeader,
  frameHeartbeat,
  frameMethod,
} from '../wire/content.js';
import { encodeMethod } from '../wire/method-table.js';
import type { PlayedConnection, Player } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.content';

function publish(channel: number, routingKey = q): Buffer {
  return encodeFrame(frameMethod, channel, encodeMethod('basic.publish', { exchange: '', routingKey }));
}

const header = (channel: number, bodySize: number): Buffer =>
  encodeFrame(frameHeader, channel, encodeHeader({}, bodySize));
const body = (channel: number, text: string): Buffer => encodeFrame(frameBody, channel, Buffer.from(text));
const heartbeat = (channel: number): Buffer => encodeFrame(frameHeartbeat, channel, Buffer.alloc(0));

/** Writes pieces to the socket one after the other, so that they are likely to be read one by one. */
async function trickle(connection: PlayedConnection, pieces: Buffer[]): Promise<void> {
  for (const piece of pieces) await new Promise((resolve) => connection.client.socket.write(piece, resolve));
}

function cutInto(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function splits(what: string, parts: string[]): Script {
  return script(`a body in ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    const size = parts.join('').length;
    const frames = [publish(1), header(1, size), ...parts.map((part) => body(1, part))];
    channel.connection.client.sendBytes(Buffer.concat(frames));
    await channel.settle();
    await channel.get(q);
  });
}

async function twoChannels(player: Player): Promise<PlayedConnection> {
  const connection = await player.connection();
  const one = await connection.channel();
  await connection.channel();
  await one.queue(q);
  return connection;
}

/** Frames on two channels; what has arrived is got on the first, or the connection has ended. */
function interleaves(what: string, ...frames: Buffer[]): Script {
  return script(`two channels interleave ${what}`, async (player) => {
    const connection = await twoChannels(player);
    const [one, two] = connection.channels;
    connection.client.sendBytes(Buffer.concat(frames));
    await two?.settle();
    await one?.settle();
    while ((await one?.get(q))?.name === 'basic.get-ok');
  });
}

export const contentScripts: Script[] = [
  splits('one frame', ['whole']),
  splits('frames of one byte each', [...'one by one']),
  splits('frames with empty ones between them', ['', 'a', '', '', 'b', '']),
  splits('empty frames after nothing is left', ['whole', '']),
  splits('a frame too many', ['whole', '', 'more']),
  script('a body longer than its header announced', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.connection.client.sendBytes(Buffer.concat([publish(1), header(1, 3), body(1, 'four')]));
    await channel.closed();
  }),
  script('an empty body that is followed by a frame all the same', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.connection.client.sendBytes(Buffer.concat([publish(1), header(1, 0), body(1, '')]));
    await channel.closed();
  }),
  script('a second header where a body is due', async (player) => {
    const channel = await player.channel();
    channel.connection.client.sendBytes(Buffer.concat([publish(1), header(1, 3), header(1, 3)]));
    await channel.closed();
  }),
  ...[1, 2, 3, 5, 7, 8, 13].map((size) =>
    script(`frames that come in pieces of ${size} bytes`, async (player) => {
      const channel = await player.channel();
      await channel.queue(q);
      const text = 'a body in two parts';
      const frames = [publish(1), header(1, text.length), body(1, text.slice(0, 5)), body(1, text.slice(5))];
      await trickle(channel.connection, cutInto(Buffer.concat([...frames, ...frames]), size));
      await channel.settle();
      await channel.get(q);
      await channel.get(q);
    }),
  ),
  script('a body that fills frames to the last byte, and one byte more', async (player) => {
    const connection = await player.connection({ frameMax: 4096 });
    const channel = await connection.channel();
    await channel.queue(q);
    for (const size of [4088, 4089, 8176, 8177]) channel.publish('', q, Buffer.alloc(size, 'x'));
    for (let count = 0; count < 4; count += 1) await channel.get(q);
  }),
  interleaves(
    'contents',
    ...[publish(1), publish(2), header(2, 2), header(1, 2)],
    ...[body(1, 'a'), body(2, 'a'), body(2, 'a'), body(1, 'a')],
  ),
  interleaves(
    'contents and heartbeats',
    ...[publish(1), heartbeat(0), header(1, 2), heartbeat(0), body(1, 'aa')],
  ),
  interleaves(
    'a content and methods',
    ...[publish(1), header(1, 2)],
    encodeFrame(frameMethod, 2, encodeMethod('basic.qos', { prefetchCount: 3 })),
    body(1, 'aa'),
  ),
  ...[1, 5, 65_535].map((number) =>
    script(`a heartbeat on channel ${number}, in the middle of a content`, async (player) => {
      const channel = await player.channel();
      channel.connection.client.sendBytes(Buffer.concat([publish(1), header(1, 2), heartbeat(number)]));
      await channel.closed();
    }),
  ),
  script('a heartbeat with a body', async (player) => {
    const channel = await player.channel();
    channel.connection.client.sendBytes(encodeFrame(frameHeartbeat, 0, Buffer.from('x')));
    await channel.settle();
  }),
  script('a content on channel 0', async (player) => {
    const channel = await player.channel();
    channel.connection.client.sendBytes(header(0, 1));
    await channel.closed();
  }),
  script('basic.publish on channel 0', async (player) => {
    const channel = await player.channel();
    channel.connection.client.sendBytes(publish(0));
    await channel.closed();
  }),
];
