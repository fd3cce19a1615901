// Before anybody has logged in: how long it may take, how many may try at a time, and how fast they may come.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { Broker, type BrokerOptions } from '../../broker/broker.js';
import { CertificateAuthority } from '../fixtures/certificates.js';
import { LogLines } from '../fixtures/log-lines.js';
import { describeWith, runs } from './requirement.js';
import { encodeFrame, frameMethod } from './wire/content.js';
import { FrameClient, protocolHeader } from './wire/frame-client.js';
import { encodeMethod } from './wire/method-table.js';

const HANDSHAKE_MS = 1_000;
/** Between two octets of somebody who is slow on purpose: eight of them take longer than the handshake may. */
const OCTET_MS = 500;

let broker: Broker;
let logged: LogLines;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await broker.stop();
});

async function start(options: BrokerOptions = {}): Promise<void> {
  logged = new LogLines();
  broker = await Broker.start({ port: 0, log: logged.log, ...options });
}

/** A socket that has connected, from an address of the loopback's network. */
async function dial(localAddress = '127.0.0.1', port = broker.port): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

/** Connects, and waits until it is closed without a word. */
async function isTurnedAway(localAddress = '127.0.0.1'): Promise<void> {
  const socket = connect({ port: broker.port, host: '127.0.0.1', localAddress });
  let received = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    received += chunk.length;
  });
  socket.write(protocolHeader);
  await new Promise((resolve) => socket.on('close', resolve));
  expect(received).toBe(0);
}

/** Sends octet by octet, slowly, for as long as anybody listens. */
function drip(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length) socket.write(bytes.subarray(at, ++at));
  }, OCTET_MS);
  socket.on('close', () => clearInterval(timer));
}

/** Whether the broker has begun to open a connection on a socket that has sent its protocol header. */
function started(socket: Socket): Promise<unknown> {
  return once(socket, 'data');
}

const startOk = encodeFrame(
  frameMethod,
  0,
  encodeMethod('connection.start-ok', { mechanism: 'PLAIN', response: '\0guest\0guest', locale: 'en_US' }),
);

describe('a connection that takes its time', () => {
  const stages: Record<string, (socket: Socket) => Promise<void> | void> = {
    'says nothing': () => undefined,
    'says its protocol header octet by octet': (socket) => drip(socket, protocolHeader),
    'logs in octet by octet': (socket) => {
      socket.write(protocolHeader);
      drip(socket, startOk);
    },
    'never answers connection.tune': async (socket) => {
      socket.write(Buffer.concat([protocolHeader, startOk]));
      await started(socket);
    },
    'never says connection.open': async (socket) => {
      const tuneOk = encodeMethod('connection.tune-ok', { channelMax: 10, frameMax: 8192, heartbeat: 60 });
      socket.write(Buffer.concat([protocolHeader, startOk]));
      let received = 0;
      await new Promise<void>((resolve) => {
        // Start, and then tune, which is far shorter.
        socket.on('data', () => {
          if (++received === 2) resolve();
        });
      });
      socket.write(encodeFrame(frameMethod, 0, tuneOk));
    },
    'asks for another protocol and stays': (socket) => void socket.write('AMQP\x01\x01\x00\x0a'),
  };

  /** How long it takes until a socket is closed. */
  async function lifeOf(socket: Socket, stage: (socket: Socket) => Promise<void> | void): Promise<number> {
    const startedAt = performance.now();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await stage(socket);
    await closed;
    return performance.now() - startedAt;
  }

  function expectCut(lifeMs: number): void {
    expect(lifeMs).toBeGreaterThan(HANDSHAKE_MS * 0.9);
    expect(lifeMs).toBeLessThan(HANDSHAKE_MS * 3);
  }

  test.each(Object.keys(stages).slice(0, 5))('is cut in time when it %s', async (name) => {
    await start({ handshakeMs: HANDSHAKE_MS });
    const life = lifeOf(await dial(), stages[name] as (typeof stages)[string]);
    const other = await FrameClient.open(broker.host, broker.port);
    expectCut(await life);
    await logged.next(/^A connection was not opened in time$/);
    // Nobody else is hurt, and who is open has all the time there is.
    expect((await other.call(1, 'channel.open')).name).toBe('channel.open-ok');
    other.destroy();
  });

  test('is answered and closed at once when it asks for another protocol', async () => {
    await start({ handshakeMs: HANDSHAKE_MS });
    const lifeMs = await lifeOf(await dial(), stages['asks for another protocol and stays'] as () => void);
    expect(lifeMs).toBeLessThan(HANDSHAKE_MS);
  });

  const missing = runs('openssl', ['version']) ? undefined : 'openssl is not installed';

  describeWith(missing, 'on the port for TLS', () => {
    test('is cut in time, whether it is slow before, in or after the TLS handshake', async () => {
      const authority = new CertificateAuthority();
      const server = authority.issue('/CN=localhost');
      await start({ handshakeMs: HANDSHAKE_MS, tls: { port: 0, ...server } });
      const port = broker.tlsPort as number;
      // A record of a handshake, of 512 octets.
      const hello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
      const secured = async (stage: (socket: Socket) => void): Promise<number> => {
        const socket = await dial('127.0.0.1', port);
        return await lifeOf(socket, async () => {
          const secure = connectTls({ socket, ca: authority.certificate, servername: 'localhost' });
          secure.on('error', () => undefined);
          secure.resume();
          await once(secure, 'secureConnect');
          stage(secure);
        });
      };
      const lives = await Promise.all([
        lifeOf(await dial('127.0.0.1', port), () => undefined),
        lifeOf(await dial('127.0.0.1', port), (socket) => drip(socket, hello)),
        secured(() => undefined),
        secured((socket) => drip(socket, protocolHeader)),
        secured((socket) => {
          socket.write(protocolHeader);
          drip(socket, startOk);
        }),
      ]);
      for (const lifeMs of lives) expectCut(lifeMs);
      authority.remove();
    });
  });
});

test('a frame over 8 KiB before the limits are agreed on is refused at its head', async () => {
  await start();
  const socket = await dial();
  socket.write(protocolHeader);
  await started(socket);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(Buffer.from([1, 0, 0, 0, 0, 0x20, 0x01]));
  await closed;
});

test('connections beyond those that may be opened at a time wait until another is open or gone', async () => {
  await start({ connectionLimits: { unauthenticatedMax: 3, unauthenticatedPerAddressMax: 3 } });
  const open = await FrameClient.open(broker.host, broker.port);
  const silent = await Promise.all([dial(), dial(), dial()]);
  let opened = false;
  const waiting = FrameClient.open(broker.host, broker.port).then((client) => {
    opened = true;
    return client;
  });
  await open.call(1, 'channel.open');
  for (let round = 0; round < 50; round++) await open.call(1, 'queue.declare', { exclusive: true });
  expect(opened).toBe(false);
  silent[1]?.destroy();
  (await waiting).destroy();
  open.destroy();
});

test('one address may not take the places of another', async () => {
  await start({ connectionLimits: { unauthenticatedMax: 10, unauthenticatedPerAddressMax: 2 } });
  for (let count = 0; count < 5; count++) await dial('127.0.0.2');
  const client = await FrameClient.open(broker.host, broker.port);
  client.destroy();
});

test('addresses take turns, however many connections of one wait', async () => {
  await start({ connectionLimits: { unauthenticatedMax: 1, unauthenticatedPerAddressMax: 1 } });
  const holder = await dial('127.0.0.2');
  const order: string[] = [];
  const served: Promise<void>[] = [];
  for (const [name, address] of [
    ['first', '127.0.0.2'],
    ['second', '127.0.0.2'],
    ['third', '127.0.0.2'],
    ['other', '127.0.0.3'],
  ] as const) {
    const socket = await dial(address);
    socket.write(protocolHeader);
    served.push(
      started(socket).then(() => {
        order.push(name);
        socket.destroy();
      }),
    );
  }
  holder.destroy();
  await Promise.all(served);
  expect(order).toEqual(['first', 'other', 'second', 'third']);
});

test('connections are turned away when too many wait, and sooner those of one address', async () => {
  const connectionLimits = { unauthenticatedMax: 1, unauthenticatedPerAddressMax: 1, waitingMax: 4 };
  await start({ connectionLimits });
  // One is being opened, two wait: half of those that may.
  for (let count = 0; count < 3; count++) await dial('127.0.0.2');
  await isTurnedAway('127.0.0.2');
  expect(await logged.next(/^Connections were turned away$/)).toMatchObject({
    level: 40,
    remoteAddress: '127.0.0.2',
    reason: 'too many connections wait to be opened',
    connections: 1,
  });
  const other = await dial('127.0.0.3');
  other.write(protocolHeader);
  const begun = started(other);
  for (const socket of sockets) if (socket !== other) socket.destroy();
  await begun;
});

test('connections that come too fast are let in one after another, and all of them', async () => {
  await start({ connectionLimits: { connectionsPerSecondMax: 20 } });
  const startedAt = performance.now();
  const clients = await Promise.all(
    Array.from({ length: 50 }, () => FrameClient.open(broker.host, broker.port)),
  );
  // Twenty at once, the other thirty at twenty a second.
  expect(performance.now() - startedAt).toBeGreaterThan(1_400);
  for (const client of clients) client.destroy();
});

test('connections beyond those that there may be are turned away until one is gone', async () => {
  await start({ connectionLimits: { connectionsMax: 2 } });
  const first = await FrameClient.open(broker.host, broker.port);
  const second = await FrameClient.open(broker.host, broker.port);
  await isTurnedAway();
  expect(await logged.next(/^Connections were turned away$/)).toMatchObject({
    reason: 'there are as many connections as there may be',
  });
  const gone = once(broker.events, 'connection.closed');
  first.destroy();
  await gone;
  (await FrameClient.open(broker.host, broker.port)).destroy();
  second.destroy();
});

test('five thousand connections that come and go without a word leave nothing behind', async () => {
  await start({ connectionLimits: { connectionsPerSecondMax: 0, unauthenticatedMax: 20, waitingMax: 100 } });
  for (let batch = 0; batch < 100; batch++) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = await dial();
        socket.resetAndDestroy();
      }),
    );
  }
  sockets.length = 0;
  // Were a place not given back, there would be none left.
  (await FrameClient.open(broker.host, broker.port)).destroy();
}, 60_000);
