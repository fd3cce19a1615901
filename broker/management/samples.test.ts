// Samples over HTTP as RabbitMQ's clients draw them: how many, how far apart, and of what.
import amqplib from 'amqplib';
import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

interface Drawn {
  rate: number;
  samples: { sample: number; timestamp: number }[];
  avg: number;
  avg_rate: number;
}

/** Samples are taken every 5 s. */
const TAKEN = { timeout: 20_000, interval: 250 };

/** Whether it has a sample for each step, the newest first, and averages that are theirs. */
function expectDrawn(drawn: Drawn, ageSeconds: number, stepSeconds: number): void {
  expect(Object.keys(drawn).sort()).toEqual(['avg', 'avg_rate', 'rate', 'samples']);
  const { samples } = drawn;
  expect(samples.length).toBeGreaterThan(0);
  expect(samples.length).toBeLessThanOrEqual(ageSeconds / stepSeconds + 1);
  const [newest] = samples;
  for (const [at, { sample, timestamp }] of samples.entries()) {
    expect(sample).toBeTypeOf('number');
    expect(timestamp).toBe((newest?.timestamp ?? 0) - at * stepSeconds * 1000);
    expect(timestamp % (stepSeconds * 1000)).toBe(0);
  }
  const sum = samples.reduce((total, { sample }) => total + sample, 0);
  expect(drawn.avg).toBeCloseTo(sum / samples.length, 3);
  expect(drawn.avg_rate).toBeTypeOf('number');
  expect(drawn.rate).toBeTypeOf('number');
}

test('lengths and rates of a queue, of the overview and of a virtual host are drawn for the time that is asked for', async () => {
  const { broker, client } = await startManagedBroker();
  const connection = await amqplib.connect(broker.url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('drawn');
  for (let at = 0; at < 3; at++) channel.sendToQueue('drawn', Buffer.from('x'));
  await channel.waitForConfirms();
  const query = 'lengths_age=60&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5';
  const queue = async () => (await client.get(`/queues/%2F/drawn?${query}`)).json;
  await expect.poll(async () => (await queue()).messages_details.samples?.[0]?.sample, TAKEN).toBe(3);
  await expect
    .poll(async () => (await queue()).message_stats.publish_details.samples?.[0]?.sample, TAKEN)
    .toBe(3);
  for (const path of ['/queues/%2F/drawn', '/queues', '/vhosts/%2F', '/overview']) {
    const { json } = await client.get(`${path}?${query}`);
    const shown = Array.isArray(json) ? json[0] : json;
    expectDrawn((shown.queue_totals ?? shown).messages_details, 60, 5);
    expectDrawn((shown.queue_totals ?? shown).messages_ready_details, 60, 5);
    expectDrawn(shown.message_stats.publish_details, 60, 5);
  }
  const { json: wide } = await client.get('/queues/%2F/drawn?lengths_age=600&lengths_incr=60');
  expectDrawn(wide.messages_details, 600, 60);
  // Each range by its own parameters, and both of them.
  expect(Object.keys(wide.message_stats.publish_details)).toEqual(['rate']);
  const { json: half } = await client.get('/queues/%2F/drawn?lengths_age=60');
  expect(Object.keys(half.messages_details)).toEqual(['rate']);
  const traffic = `/connections?data_rates_age=60&data_rates_incr=5`;
  await expect
    .poll(async () => (await client.get(traffic)).json[0].recv_oct_details.samples?.[0]?.sample, TAKEN)
    .toBeGreaterThan(0);
  expectDrawn((await client.get(traffic)).json[0].recv_oct_details, 60, 5);
  await connection.close();
}, 60_000);

test('ranges of no steps, or of too many, are refused, and what is no number is as good as not there', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  for (const [age, step] of [
    [0, 5],
    [60, 0],
    [-60, 5],
    [3_000, 5],
  ]) {
    for (const range of ['lengths', 'msg_rates', 'data_rates', 'node_stats']) {
      expect(await client.get(`/queues/%2F/q?${range}_age=${age}&${range}_incr=${step}`)).toMatchObject({
        status: 400,
        json: { error: 'bad_request', reason: `Invalid range parameters: age ${age}, incr ${step}` },
      });
    }
  }
  const { json, status } = await client.get('/queues/%2F/q?lengths_age=x&lengths_incr=5');
  expect(status).toBe(200);
  expect(Object.keys(json.messages_details)).toEqual(['rate']);
});
