// Fuzzing from outside: bytes, frames, methods and sessions that are wrong at random. The random numbers are
// the same in every run. The long form: WARREN_FUZZ_SESSIONS=20000.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BrokerProcess } from './broker-process.js';
import { randomNumbers } from './random-numbers.js';
import { encodeFrame, encodeHeader, frameBody, frameHeader, frameMethod } from './wire/content.js';
import { protocolHeader } from './wire/frame-client.js';
import { encodeMethod } from './wire/method-table.js';

const SESSIONS = Number(process.env['WARREN_FUZZ_SESSIONS'] ?? 300);
const AT_ONCE = 10;

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

function randomBytes(random: (limit: number) => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** Sends bytes on a new socket, ends our half of it, and waits until the broker has closed the other. */
async function throwAt(bytes: Buffer): Promise<void> {
  const socket = connect(broker.port, broker.host);
  socket.on('error', () => {});
  socket.resume();
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(15_000) });
  socket.end(bytes);
  await closed;
}

/** All that a well-behaved client says from its first byte to its last. */
function session(): Buffer {
  const method = (channel: number, name: string, values = {}) =>
    encodeFrame(frameMethod, channel, encodeMethod(name, values));
  return Buffer.concat([
    protocolHeader,
    method(0, 'connection.start-ok', { mechanism: 'PLAIN', response: '\0guest\0guest', locale: 'en_US' }),
    method(0, 'connection.tune-ok', { channelMax: 100, frameMax: 131_072 }),
    method(0, 'connection.open', { virtualHost: '/' }),
    method(1, 'channel.open'),
    method(1, 'queue.declare', { queue: 'warren.fuzz', exclusive: true, arguments: { 'x-max-length': 10 } }),
    method(1, 'queue.bind', { queue: 'warren.fuzz', exchange: 'amq.topic', routingKey: 'a.#' }),
    method(1, 'basic.consume', { queue: 'warren.fuzz', consumerTag: 'tag' }),
    method(1, 'basic.publish', { exchange: 'amq.topic', routingKey: 'a.b' }),
    encodeFrame(
      frameHeader,
      1,
      encodeHeader({ headers: { a: 1, b: ['x', { c: true }] }, deliveryMode: 2 }, 4),
    ),
    encodeFrame(frameBody, 1, Buffer.from('body')),
    method(1, 'basic.ack', { deliveryTag: 1 }),
    method(1, 'channel.close', { replyCode: 200 }),
    method(0, 'connection.close', { replyCode: 200 }),
  ]);
}

test('random bytes are refused', async () => {
  const random = randomNumbers(1);
  await Promise.all(Array.from({ length: 50 }, () => throwAt(randomBytes(random, 1 + random(5_000)))));
});

test('random frames after a good handshake are refused', async () => {
  const random = randomNumbers(2);
  for (let round = 0; round < 100; round += 1) {
    const client = await broker.open();
    for (let index = 0; index < 20; index += 1) {
      client.sendFrame(random(10), random(3), randomBytes(random, random(200)));
    }
    client.socket.end();
    await client.next((received) => received.name === 'socket.closed');
    expect(client.ended).toBe(true);
  }
});

test('random methods with random arguments are refused or answered', async () => {
  const random = randomNumbers(3);
  const classes = [10, 20, 40, 50, 60, 85, 90];
  for (let round = 0; round < 100; round += 1) {
    const client = await broker.open();
    for (let index = 0; index < 20; index += 1) {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(classes[random(classes.length)] ?? 0, 0);
      head.writeUInt16BE(random(13) * 10 + random(2), 2);
      client.sendFrame(frameMethod, random(2), Buffer.concat([head, randomBytes(random, random(60))]));
    }
    client.socket.end();
    await client.next((received) => received.name === 'socket.closed');
    expect(client.ended).toBe(true);
  }
});

test(
  'a good session with any few bytes changed ends with its connection',
  async () => {
    const random = randomNumbers(4);
    const good = session();
    const before = broker.residentMebibytes;
    for (let sent = 0; sent < SESSIONS; sent += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, () => {
        const bad = Buffer.from(good);
        for (let index = 0; index <= random(3); index += 1) bad[8 + random(bad.length - 8)] = random(256);
        return throwAt(bad);
      });
      await Promise.all(batch);
    }
    expect(broker.residentMebibytes - before).toBeLessThan(100);
  },
  20_000 + SESSIONS * 10,
);

test('a good session cut off anywhere ends with its connection', async () => {
  const good = session();
  for (let start = 0; start < good.length; start += 20) {
    const cuts = Array.from({ length: Math.min(20, good.length - start) }, (_, index) => start + index);
    await Promise.all(cuts.map((cut) => throwAt(good.subarray(0, cut))));
  }
});
