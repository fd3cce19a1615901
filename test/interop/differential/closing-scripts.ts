// The ends of channels and connections, in every order of the two sides' closes.
import { encodeFrame, encodeHeader, frameBody, frameHeader, frameMethod } from '../wire/content.js';
import { encodeMethod, type MethodArguments } from '../wire/method-table.js';
import type { PlayedChannel, PlayedConnection, Player } from './player.js';
import { type Script, script } from './script.js';

const absent = 'warren.diff.absent';

function frame(channel: number, name: string, values: MethodArguments = {}): Buffer {
  return encodeFrame(frameMethod, channel, encodeMethod(name, values));
}

/** Sends frames in one piece, so that nothing the broker says comes between. */
function sendAll(connection: PlayedConnection, ...frames: Buffer[]): void {
  connection.client.sendBytes(Buffer.concat(frames));
}

/** A channel whose errors are not answered with close-ok. */
async function unanswering(player: Player, options = {}): Promise<PlayedChannel> {
  const channel = await player.channel(options);
  channel.connection.client.answersClose = false;
  return channel;
}

const fails = (channel: number): Buffer => frame(channel, 'basic.get', { queue: absent });
const declares = (channel: number): Buffer =>
  frame(channel, 'exchange.declare', { exchange: 'amq.topic', passive: true });
const opens = (channel: number): Buffer => frame(channel, 'channel.open');
const closes = (channel: number): Buffer => frame(channel, 'channel.close', { replyCode: 200 });
const closeOk = (channel: number): Buffer => frame(channel, 'channel.close-ok');
const publishes = (channel: number): Buffer =>
  frame(channel, 'basic.publish', { exchange: 'amq.fanout', routingKey: 'k' });
const header = (channel: number, bodySize: number): Buffer =>
  encodeFrame(frameHeader, channel, encodeHeader({}, bodySize));
const body = (channel: number, text: string): Buffer => encodeFrame(frameBody, channel, Buffer.from(text));

/** What is sent on a channel that has failed; another channel shows whether the connection lives. */
function afterError(what: string, ...frames: Buffer[]): Script {
  return script(`${what}, after an error`, async (player) => {
    const channel = await unanswering(player);
    const { connection } = channel;
    const other = await connection.channel();
    await channel.call('basic.get', { queue: absent });
    connection.client.answersClose = true;
    sendAll(connection, ...frames);
    if (what.includes('again')) {
      await connection.client.next((item) => /declare-ok|connection\.close/.test(item.name));
    }
    await other.settle();
  });
}

/** Waits for the close-ok of the connection, and ends the socket: RabbitMQ leaves that to the client. */
async function hangUp({ client }: PlayedConnection): Promise<void> {
  await client.next((item) => item.name === 'connection.close-ok');
  client.socket.end();
  await client.next((item) => item.name === 'socket.closed');
}

function closeOks({ client }: PlayedConnection): number {
  return client.received.filter((item) => item.name === 'connection.close-ok').length;
}

const channels: Script[] = [
  afterError('methods are discarded', declares(1), declares(1)),
  afterError(
    'methods that nobody knows are discarded',
    encodeFrame(frameMethod, 1, Buffer.from([0, 99, 0, 1])),
  ),
  afterError('a second error is discarded', fails(1)),
  afterError('a publish is discarded', publishes(1), header(1, 1), body(1, 'x')),
  afterError('a content without its method is discarded', header(1, 1), body(1, 'x')),
  afterError('open is refused', opens(1)),
  afterError('close-ok frees the number, which is used again', closeOk(1), opens(1), declares(1)),
  afterError('close crosses close', closes(1)),
  afterError('close crosses close and close-ok follows', closes(1), closeOk(1)),
  afterError(
    'close crosses close and the number is used again',
    closes(1),
    closeOk(1),
    opens(1),
    declares(1),
  ),
  afterError('close crosses close and the number is used again at once', closes(1), opens(1), declares(1)),
  script('close-ok on an open channel that asked for none', async (player) => {
    const channel = await player.channel();
    const other = await channel.connection.channel();
    sendAll(channel.connection, closeOk(1));
    await other.settle();
  }),
  script('close-ok on a channel that never was', async (player) => {
    const channel = await player.channel();
    sendAll(channel.connection, closeOk(9));
    await channel.closed();
  }),
  script('a channel is closed where a content header is due', async (player) => {
    const channel = await player.channel();
    sendAll(channel.connection, publishes(1), closes(1));
    await channel.connection.client.next((item) => /close/.test(item.name));
    await channel.connection.client.next((item) => item.name === 'socket.closed', 0, 300);
  }),
  script('a channel is closed where a body is due, and used again', async (player) => {
    const channel = await player.channel();
    sendAll(channel.connection, publishes(1), header(1, 5), body(1, 'x'), closes(1), opens(1), declares(1));
    await channel.connection.client.next((item) => /declare-ok|connection.close/.test(item.name));
    await channel.connection.client.next((item) => item.name === 'socket.closed', 0, 300);
  }),
  script('channels that fail with one another leave the rest alone', async (player) => {
    const { connection } = await player.channel();
    for (let number = 2; number <= 6; number += 1) await connection.channel();
    sendAll(connection, ...[1, 3, 5].flatMap((number) => [fails(number), declares(number)]));
    for (const channel of connection.channels.filter((one) => one.number % 2 === 0)) await channel.settle();
  }),
  script('a failed channel that is not answered still counts', async (player) => {
    const channel = await unanswering(player, { channelMax: 1 });
    await channel.call('basic.get', { queue: absent });
    sendAll(channel.connection, opens(2), declares(2));
    await channel.connection.client.next((item) => item.channel === 2 || item.name === 'connection.close');
    channel.connection.client.send(0, 'connection.close-ok');
  }),
  script('a channel number over the agreed number of channels', async (player) => {
    const connection = await player.connection({ channelMax: 2 });
    await (await connection.channel(9)).settle();
    await (await connection.channel(65_535)).settle();
  }),
  script('closed channels make room for others', async (player) => {
    const connection = await player.connection({ channelMax: 1 });
    for (const number of [1, 2, 3]) {
      const channel = await connection.channel(number);
      await channel.call('channel.close', { replyCode: 200 });
    }
    await connection.channel(4);
  }),
];

const connections: Script[] = [
  script('what follows connection.close is discarded', async (player) => {
    const { connection } = await player.channel();
    sendAll(connection, frame(0, 'connection.close', { replyCode: 200 }), declares(1), opens(2), fails(1));
    await hangUp(connection);
  }),
  script('connection.close crosses connection.close', async (player) => {
    const { connection } = await unanswering(player);
    sendAll(connection, declares(7), frame(0, 'connection.close', { replyCode: 200 }));
    await hangUp(connection);
  }),
  script('connection.close crosses connection.close and is answered', async (player) => {
    const { connection } = await unanswering(player);
    const close = frame(0, 'connection.close', { replyCode: 200 });
    sendAll(connection, declares(7), close, frame(0, 'connection.close-ok'));
    await hangUp(connection);
  }),
  script('what comes after an error of the connection is discarded', async (player) => {
    const { connection } = await unanswering(player);
    sendAll(connection, declares(7));
    await connection.client.next((item) => item.name === 'connection.close');
    sendAll(connection, declares(1), fails(1), opens(3), declares(8), frame(0, 'connection.close-ok'));
    await connection.ended();
  }),
  script('connection.close is sent twice in one piece', async (player) => {
    const { connection } = await player.channel();
    const close = frame(0, 'connection.close', { replyCode: 200 });
    sendAll(connection, close, declares(1), close);
    await connection.client.next(() => closeOks(connection) === 2);
    await hangUp(connection);
  }),
  script('connection.close-ok that nobody asked for, and what comes after it', async (player) => {
    const { connection } = await unanswering(player);
    sendAll(connection, frame(0, 'connection.close-ok'), declares(1));
    await connection.client.next((item) => item.name === 'connection.close');
    sendAll(connection, declares(1), frame(0, 'connection.close-ok'));
    await connection.ended();
  }),
  script('what comes on channel 0 after an error of the connection is discarded', async (player) => {
    const { connection } = await unanswering(player);
    sendAll(connection, declares(7));
    await connection.client.next((item) => item.name === 'connection.close');
    const secret = frame(0, 'connection.update-secret', { newSecret: 's', reason: 'r' });
    const open = frame(0, 'connection.open', { virtualHost: '/' });
    sendAll(connection, secret, open, frame(0, 'connection.close-ok'));
    await connection.ended();
  }),
  script('connection.close where a content header is due', async (player) => {
    const { connection } = await player.channel();
    sendAll(connection, publishes(1), frame(0, 'connection.close', { replyCode: 200 }));
    await hangUp(connection);
  }),
  script('connection.close where a body is due', async (player) => {
    const { connection } = await player.channel();
    sendAll(connection, publishes(1), header(1, 5), frame(0, 'connection.close', { replyCode: 200 }));
    await hangUp(connection);
  }),
  script('connection.close while a channel waits for its close-ok', async (player) => {
    const channel = await unanswering(player);
    await channel.call('basic.get', { queue: absent });
    channel.connection.client.send(0, 'connection.close', { replyCode: 200 });
    await hangUp(channel.connection);
  }),
  script('a publish just before half of the socket is closed is taken', async (player) => {
    const queue = 'warren.diff.half-closed';
    const watcher = await player.channel();
    await watcher.queue(queue);
    const { connection, number } = await player.channel();
    connection.client.publish(number, { exchange: '', routingKey: queue }, {}, Buffer.from('last words'));
    connection.client.socket.end();
    await connection.ended();
    await player.untilReady(queue, 1);
    await watcher.get(queue);
  }),
  script('a body that is cut off by the end of the socket is dropped', async (player) => {
    const queue = 'warren.diff.cut-off';
    const watcher = await player.channel();
    await watcher.queue(queue);
    const { connection } = await player.channel();
    const publish = frame(1, 'basic.publish', { exchange: '', routingKey: queue });
    sendAll(connection, publish, header(1, 10), body(1, 'cut'));
    connection.client.socket.end();
    await connection.ended();
    await watcher.get(queue);
  }),
];

export const closingScripts: Script[] = [...channels, ...connections];
