// Answers that are larger than the messages in them: how much of them there is at a time is bounded.
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

const GUEST = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
/** Each of its bytes is six in JSON. */
const BODY = Buffer.alloc(1024 * 1024, 1);
const ALL = { count: 100, ackmode: 'ack_requeue_true', encoding: 'auto' };

async function startWithMessages(count: number) {
  const { broker, client } = await startManagedBroker();
  const channel = await broker.connect().openChannel();
  await channel.declareQueue('q');
  for (let n = 0; n < count; n++) await channel.publish('', 'q', BODY);
  return { broker, client };
}

test('an answer ends with the message that goes beyond 16 MiB, by how long it is in JSON', async () => {
  const { client } = await startWithMessages(8);
  const fetched = await client.post('/queues/%2F/q/get', ALL);
  expect(fetched.json).toHaveLength(3);
  const browsed = await client.get('/queues/%2F/q/browse?count=100');
  expect(browsed.json).toMatchObject({ messages_ready: 8, scanned: 3, next_offset: 3 });
  expect(browsed.json.items).toHaveLength(3);
  expect(browsed.json.items[2].payload).toBe(BODY.toString());
  expect((await client.post('/queues/%2F/q/get', { ...ALL, truncate: 10 })).json).toHaveLength(8);
});

test('four are answered at once, and who does not read keeps only so many others waiting', async () => {
  const { broker, client } = await startWithMessages(3);
  const started: string[] = [];
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connect(broker.managementPort as number, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => {
      started.push(chunk.toString().slice('HTTP/1.1 '.length).slice(0, 3));
      socket.pause();
    });
    socket.write(
      `GET /api/queues/%2F/q/browse HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${GUEST}\r\n\r\n`,
    );
    return socket;
  });
  await expect.poll(() => started.length, { timeout: 8_000 }).toBe(36);
  expect(started.filter((status) => status === '200')).toHaveLength(4);
  expect(started.filter((status) => status === '503')).toHaveLength(32);
  const refused = await client.post('/queues/%2F/q/get', ALL);
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(refused.json.reason).toBe(
    '4 requests for messages are being answered and others wait: try again later',
  );
  // All others are served.
  expect((await client.get('/queues')).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await client.post('/queues/%2F/q/get', ALL)).status).toBe(200);
});
