import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../broker.js';
import type { EmbeddedChannel } from './embedded-channel.js';
import { EmbeddedError } from './embedded-error.js';
import { Outstanding } from './outstanding.js';

let broker: Broker;
let channel: EmbeddedChannel;
/** No moment that a timestamp can tell. */
const unencodable = new Date(Number.NaN);

beforeEach(async () => {
  broker = await Broker.start({ port: 0 });
  channel = await broker.connect().openChannel();
});

afterEach(() => broker.stop());

test('a message that cannot be encoded is refused alone, and its channel goes on', async () => {
  await channel.declareQueue('q');
  const wrong = channel.publish('', 'q', 'wrong', { headers: { unencodable } });
  await expect(wrong).rejects.toThrow(RangeError);
  await channel.publish('', 'q', 'right');
  expect((await channel.get('q', { noAck: true }))?.text()).toBe('right');
});

test('arguments that cannot be encoded fail their call alone: later calls get answers of their own', async () => {
  // As a program without types may.
  await expect(channel.cancel(5 as unknown as string)).rejects.toThrow(TypeError);
  expect((await channel.declareQueue('right')).queue).toBe('right');
});

test('a publish that ends its own channel is not waited for', async () => {
  const outstanding = new Outstanding();
  const error = new EmbeddedError(320, 'over');
  outstanding.abandon(error);
  await expect(outstanding.add(false)).rejects.toBe(error);
});
