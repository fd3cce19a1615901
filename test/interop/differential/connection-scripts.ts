// The handshake, and what a broker says to a peer that does not keep to the protocol.
import { encodeFrame, encodeHeader, frameBody, frameHeader, frameMethod } from '../wire/content.js';
import type { MethodArguments } from '../wire/method-table.js';
import { encodeMethod } from '../wire/method-table.js';
import { type Script, script } from './script.js';

function wrongHeader(what: string, bytes: Buffer): Script {
  return script(`${what} is answered with the right protocol header`, async (player) => {
    await player.unopened(bytes).ended();
  });
}

function refusesLogIn(what: string, values: MethodArguments): Script {
  return script(`${what} is refused`, async (player) => {
    const connection = player.unopened();
    await connection.client.next((item) => item.name === 'connection.start');
    connection.client.received.length = 0;
    connection.client.send(0, 'connection.start-ok', {
      clientProperties: { capabilities: { authentication_failure_close: true } },
      locale: 'en_US',
      ...values,
    });
    await connection.ended();
  });
}

function tunes(what: string, values: MethodArguments): Script {
  return script(`${what} at tune-ok`, async (player) => {
    const connection = player.unopened();
    await connection.client.next((item) => item.name === 'connection.start');
    connection.client.startOk();
    await connection.client.next((item) => item.name === 'connection.tune');
    connection.client.received.length = 0;
    connection.client.send(0, 'connection.tune-ok', { channelMax: 2047, frameMax: 131_072, ...values });
    connection.client.send(0, 'connection.open', { virtualHost: '/' });
    await connection.client.next((item) => /open-ok|close/.test(item.name));
    if (connection.client.received.some((item) => item.name !== 'connection.open-ok'))
      await connection.ended();
  });
}

/** Sends raw bytes on a connection with channel 1 open and waits for the end of it. */
function offends(what: string, bytes: Buffer): Script {
  return script(what, async (player) => {
    const channel = await player.channel();
    channel.connection.client.sendBytes(bytes);
    await channel.closed();
  });
}

const publish = encodeFrame(frameMethod, 1, encodeMethod('basic.publish', { exchange: '', routingKey: 'x' }));

function brokenEnd(): Buffer {
  const frame = encodeFrame(frameMethod, 1, encodeMethod('queue.declare', { queue: 'x' }));
  frame[frame.length - 1] = 0x55;
  return frame;
}

function method(classId: number, methodId: number, rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(classId, 0);
  head.writeUInt16BE(methodId, 2);
  return encodeFrame(frameMethod, 1, Buffer.concat([head, rest]));
}

const handshake: Script[] = [
  wrongHeader('HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  wrongHeader('another version of AMQP', Buffer.from([0x41, 0x4d, 0x51, 0x50, 1, 1, 0, 10])),
  wrongHeader('AMQP 1.0', Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0])),
  refusesLogIn('a wrong password', { mechanism: 'PLAIN', response: '\0guest\0wrong' }),
  refusesLogIn('an unknown user', { mechanism: 'PLAIN', response: '\0nobody\0guest' }),
  refusesLogIn('an unknown mechanism', { mechanism: 'WONDER', response: '' }),
  refusesLogIn('a response that is not PLAIN', { mechanism: 'PLAIN', response: 'guest' }),
  refusesLogIn('a wrong password without the capability', {
    mechanism: 'PLAIN',
    response: '\0guest\0wrong',
    clientProperties: {},
  }),
  script('a missing virtual host is refused', async (player) => {
    const connection = player.unopened();
    await connection.client.next((item) => item.name === 'connection.start');
    connection.client.startOk();
    connection.client.tuneOk(await connection.client.next((item) => item.name === 'connection.tune'));
    connection.client.received.length = 0;
    connection.client.send(0, 'connection.open', { virtualHost: 'nowhere' });
    await connection.ended();
  }),
  tunes('a frame-max below 4096', { frameMax: 4095 }),
  tunes('a frame-max over what is offered', { frameMax: 1_000_000 }),
  tunes('a frame-max of none', { frameMax: 0 }),
  tunes('a channel-max over what is offered', { channelMax: 5000 }),
  tunes('a channel-max of none', { channelMax: 0 }),
  script('the broker offers the limits that clients expect', async (player) => {
    const connection = player.unopened();
    await connection.client.next((item) => item.name === 'connection.start');
    connection.client.startOk();
    await connection.client.next((item) => item.name === 'connection.tune');
    connection.client.received.shift();
  }),
  script('a connection is closed in good order', async (player) => {
    const connection = await player.connection();
    await connection.channel();
    await connection.client.call(0, 'connection.close', { replyCode: 200, replyText: 'bye' });
  }),
  script('a client that closes its half of the socket is closed', async (player) => {
    const connection = await player.connection();
    await connection.channel();
    connection.client.socket.end();
    await connection.ended();
  }),
  script('more channels than agreed are refused', async (player) => {
    const connection = await player.connection({ channelMax: 2 });
    await connection.channel();
    await connection.channel();
    await connection.channel(3);
  }),
  script('heartbeats come when nothing else does', async (player) => {
    const connection = await player.connection({ heartbeatSeconds: 1 });
    await connection.client.next((item) => item.name === 'heartbeat');
  }),
];

const offences: Script[] = [
  offends('a bad frame end closes the connection', brokenEnd()),
  offends('an unknown frame type closes the connection', encodeFrame(7, 1, Buffer.from('x'))),
  offends('a frame over the limit closes the connection', encodeFrame(frameBody, 1, Buffer.alloc(131_073))),
  offends('an unknown class closes the connection', method(99, 10)),
  offends('an unknown method closes the connection', method(60, 99)),
  offends('a method that only a broker sends closes the connection', method(60, 11)),
  offends('a method cut short closes the connection', method(50, 10, Buffer.from([0]))),
  offends('a heartbeat on a channel', encodeFrame(8, 1, Buffer.alloc(0))),
  offends(
    'a method where a content header is due closes the connection',
    Buffer.concat([publish, encodeFrame(frameMethod, 1, encodeMethod('basic.get', { queue: 'x' }))]),
  ),
  offends(
    'a body where a content header is due closes the connection',
    Buffer.concat([publish, encodeFrame(frameBody, 1, Buffer.from('x'))]),
  ),
  offends(
    'a content header of another class closes the connection',
    Buffer.concat([publish, encodeFrame(frameHeader, 1, encodeHeader({}, 1, 3106))]),
  ),
  offends(
    'a method where a body is due closes the connection',
    Buffer.concat([
      publish,
      encodeFrame(frameHeader, 1, encodeHeader({}, 5)),
      encodeFrame(frameMethod, 1, encodeMethod('basic.get', { queue: 'x' })),
    ]),
  ),
  offends(
    'a content header without its method closes the connection',
    encodeFrame(frameHeader, 1, encodeHeader({}, 1)),
  ),
  offends('a body without its method closes the connection', encodeFrame(frameBody, 1, Buffer.from('x'))),
  offends('a second open closes the connection', encodeFrame(frameMethod, 1, encodeMethod('channel.open'))),
  offends(
    'a method on a channel that is not open closes the connection',
    encodeFrame(frameMethod, 5, encodeMethod('queue.declare', { queue: 'x' })),
  ),
  offends(
    'channel.open on channel 0 closes the connection',
    encodeFrame(frameMethod, 0, encodeMethod('channel.open')),
  ),
  offends(
    'a queue method on channel 0 closes the connection',
    encodeFrame(frameMethod, 0, encodeMethod('queue.declare', { queue: 'x' })),
  ),
  offends(
    'a connection method on another channel closes the connection',
    encodeFrame(frameMethod, 1, encodeMethod('connection.close', { replyCode: 200 })),
  ),
];

export const connectionScripts: Script[] = [...handshake, ...offences];
