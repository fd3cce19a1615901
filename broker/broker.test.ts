import amqplib, { type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
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

/** Consumes until so many messages have come. */
async function take(queue: string, count: number, onChannel = channel): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  let tag = '';
  await new Promise<void>((resolve, reject) => {
    onChannel
      .consume(queue, (message) => {
        if (message === null) return;
        messages.push(message);
        if (messages.length === count) resolve();
      })
      .then((ok) => {
        tag = ok.consumerTag;
      }, reject);
  });
  if (tag !== '') await onChannel.cancel(tag);
  return messages;
}

function text(message: { content: Buffer }): string {
  return message.content.toString();
}

/** The error that closes a channel. */
function failure(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => 'no error',
    (error: unknown) => String(error),
  );
}

describe('routing', () => {
  test('a topic exchange copies a record to every queue whose binding matches, once each', async () => {
    await channel.assertExchange('t.logs', 'topic');
    const all = await channel.assertQueue('', { exclusive: true });
    const errors = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(all.queue, 't.logs', 'app.#');
    await channel.bindQueue(all.queue, 't.logs', 'app.*.error');
    await channel.bindQueue(errors.queue, 't.logs', 'app.*.error');
    channel.publish('t.logs', 'app.order.error', Buffer.from('1'));
    channel.publish('t.logs', 'app.order.info', Buffer.from('2'));
    channel.publish('t.logs', 'other', Buffer.from('3'));
    expect((await take(all.queue, 2)).map(text)).toEqual(['1', '2']);
    expect((await take(errors.queue, 1)).map(text)).toEqual(['1']);
  });

  test('exchanges bound in a circle deliver once', async () => {
    const queue = await channel.assertQueue('', { exclusive: true });
    for (const name of ['ring.a', 'ring.b'])
      await channel.assertExchange(name, 'fanout', { autoDelete: false });
    await channel.bindExchange('ring.a', 'ring.b', '');
    await channel.bindExchange('ring.b', 'ring.a', '');
    await channel.bindQueue(queue.queue, 'ring.b', '');
    channel.publish('ring.a', '', Buffer.from('once'));
    await take(queue.queue, 1);
    expect((await channel.checkQueue(queue.queue)).messageCount).toBe(0);
  });

  test('a headers exchange matches all or any of its arguments', async () => {
    const both = await channel.assertQueue('', { exclusive: true });
    const either = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(both.queue, 'amq.headers', '', { 'x-match': 'all', a: 1, b: 'x' });
    await channel.bindQueue(either.queue, 'amq.headers', '', { 'x-match': 'any', a: 1, b: 'x' });
    channel.publish('amq.headers', '', Buffer.from('half'), { headers: { a: 1 } });
    channel.publish('amq.headers', '', Buffer.from('whole'), { headers: { a: 1, b: 'x' } });
    expect((await take(both.queue, 1)).map(text)).toEqual(['whole']);
    expect((await take(either.queue, 2)).map(text)).toEqual(['half', 'whole']);
  });

  test('what an exchange cannot route goes to its alternate exchange', async () => {
    const queue = await channel.assertQueue('', { exclusive: true });
    await channel.assertExchange('alt.to', 'fanout');
    await channel.bindQueue(queue.queue, 'alt.to', '');
    await channel.assertExchange('alt.from', 'direct', { alternateExchange: 'alt.to' });
    channel.publish('alt.from', 'nobody', Buffer.from('found'));
    expect((await take(queue.queue, 1)).map(text)).toEqual(['found']);
  });

  test('CC and BCC are routing keys as well, and BCC is not seen by anyone', async () => {
    const queues = ['cc.a', 'cc.b', 'cc.c'];
    for (const name of queues) await channel.assertQueue(name, { exclusive: true });
    channel.publish('', 'cc.a', Buffer.from('x'), { CC: ['cc.b'], BCC: ['cc.c'] });
    for (const name of queues) {
      const [message] = await take(name, 1);
      expect(message?.properties.headers).toEqual({ CC: ['cc.b'] });
    }
  });

  test('a mandatory message that nobody takes comes back before it is confirmed', async () => {
    const confirming = await connection.createConfirmChannel();
    const order: string[] = [];
    confirming.on('return', (message: ConsumeMessage) => order.push(`returned ${text(message)}`));
    confirming.publish('', 'nowhere', Buffer.from('m'), { mandatory: true }, () => order.push('confirmed'));
    await confirming.waitForConfirms();
    expect(order).toEqual(['returned m', 'confirmed']);
  });
});

describe('consuming', () => {
  test('prefetch bounds what is out, and acks let the rest through in order', async () => {
    await channel.assertQueue('pf', { exclusive: true });
    for (let index = 0; index < 10; index++) channel.sendToQueue('pf', Buffer.from(String(index)));
    await channel.prefetch(3);
    const got: ConsumeMessage[] = [];
    const waiters: (() => void)[] = [];
    await channel.consume('pf', (message) => {
      got.push(message as ConsumeMessage);
      waiters.shift()?.();
    });
    while (got.length < 3) await new Promise<void>((resolve) => waiters.push(resolve));
    expect((await channel.checkQueue('pf')).messageCount).toBe(7);
    for (let index = 0; index < 10; index++) {
      while (got.length <= index) await new Promise<void>((resolve) => waiters.push(resolve));
      channel.ack(got[index] as ConsumeMessage);
    }
    expect(got.map(text)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test('what a lost connection had unacked comes back in its place, marked redelivered', async () => {
    await channel.assertQueue('back');
    const other = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`);
    const otherChannel = await other.createChannel();
    for (const body of ['a', 'b', 'c']) channel.sendToQueue('back', Buffer.from(body));
    await otherChannel.prefetch(2);
    await take('back', 2, otherChannel);
    await other.close();
    const again = await take('back', 3);
    expect(again.map((one) => [text(one), one.fields.redelivered])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
    await channel.deleteQueue('back');
  });

  test('consumers take turns', async () => {
    await channel.assertQueue('turns', { exclusive: true });
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      const note = (name: string): void => {
        if (seen.push(name) === 6) resolve();
      };
      void channel.consume('turns', () => note('one'), { noAck: true });
      void channel.consume('turns', () => note('two'), { noAck: true });
    });
    await channel.checkQueue('turns');
    for (let index = 0; index < 6; index++) channel.sendToQueue('turns', Buffer.from('x'));
    await done;
    expect(seen).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
  });

  test('a consumer is told when its queue is deleted', async () => {
    await channel.assertQueue('gone');
    const told = new Promise<void>((resolve) => {
      void channel.consume('gone', (message) => {
        if (message === null) resolve();
      });
    });
    const other = await connection.createChannel();
    await other.deleteQueue('gone');
    await told;
  });

  test('a body of many frames arrives whole', async () => {
    await channel.assertQueue('big', { exclusive: true });
    const body = Buffer.alloc(3_000_000, 'warren');
    channel.sendToQueue('big', body);
    const [message] = await take('big', 1);
    expect(message?.content.equals(body)).toBe(true);
  });

  test('a request gets its direct reply', async () => {
    await channel.assertQueue('rpc', { exclusive: true });
    await channel.consume(
      'rpc',
      (message) => {
        const { replyTo } = (message as ConsumeMessage).properties;
        channel.sendToQueue(replyTo as string, Buffer.from('answer'));
      },
      { noAck: true },
    );
    const client = await connection.createChannel();
    const answer = new Promise<string>((resolve) => {
      void client.consume('amq.rabbitmq.reply-to', (message) => resolve(text(message as ConsumeMessage)), {
        noAck: true,
      });
    });
    client.sendToQueue('rpc', Buffer.from('question'), { replyTo: 'amq.rabbitmq.reply-to' });
    expect(await answer).toBe('answer');
  });
});

describe('dead letters and limits', () => {
  test('a rejected, an expired and a dropped message go to the dead-letter exchange with their history', async () => {
    await channel.assertExchange('dlx', 'fanout');
    const dead = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(dead.queue, 'dlx', '');
    await channel.assertQueue('dying', { exclusive: true, deadLetterExchange: 'dlx', maxLength: 1 });
    channel.sendToQueue('dying', Buffer.from('dropped'));
    channel.sendToQueue('dying', Buffer.from('rejected'));
    const [message] = await take('dying', 1);
    channel.reject(message as ConsumeMessage, false);
    channel.sendToQueue('dying', Buffer.from('expired'), { expiration: 10 });
    const letters = await take(dead.queue, 3);
    const history = letters.map((letter) => {
      const [death] = (letter.properties.headers?.['x-death'] ?? []) as { reason: string; queue: string }[];
      return [text(letter), death?.reason, death?.queue, letter.properties.headers?.['x-first-death-reason']];
    });
    expect(history).toEqual([
      ['dropped', 'maxlen', 'dying', 'maxlen'],
      ['rejected', 'rejected', 'dying', 'rejected'],
      ['expired', 'expired', 'dying', 'expired'],
    ]);
    expect(letters[2]?.properties.expiration).toBeUndefined();
  });

  test('a full queue with reject-publish nacks the publisher', async () => {
    const confirming = await connection.createConfirmChannel();
    await confirming.assertQueue('full', {
      exclusive: true,
      maxLength: 1,
      arguments: { 'x-overflow': 'reject-publish' },
    });
    const outcome = (body: string): Promise<string> =>
      new Promise((resolve) => {
        confirming.sendToQueue('full', Buffer.from(body), {}, (error: unknown) =>
          resolve(error ? 'nack' : 'ack'),
        );
      });
    expect([await outcome('1'), await outcome('2')]).toEqual(['ack', 'nack']);
  });

  test('a queue with a time to live gives its messages up, and one with x-expires itself', async () => {
    await channel.assertQueue('ttl', { exclusive: true, messageTtl: 20 });
    await channel.assertQueue('brief', { expires: 30 });
    channel.sendToQueue('ttl', Buffer.from('x'));
    const until = async (gone: () => Promise<boolean>): Promise<void> => {
      while (!(await gone())) await new Promise((resolve) => setImmediate(resolve));
    };
    await until(async () => (await channel.checkQueue('ttl')).messageCount === 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await failure(channel.checkQueue('brief'))).toContain("NOT_FOUND - no queue 'brief' in vhost '/'");
  });

  test('priorities go first', async () => {
    await channel.assertQueue('prio', { exclusive: true, maxPriority: 5 });
    for (const priority of [1, 5, 3])
      channel.sendToQueue('prio', Buffer.from(String(priority)), { priority });
    expect((await take('prio', 3)).map(text)).toEqual(['5', '3', '1']);
  });

  test('a quorum queue gives up a message after its delivery limit', async () => {
    await channel.assertQueue('poison.dead', { exclusive: true });
    await channel.assertQueue('poison', {
      durable: true,
      deadLetterExchange: '',
      deadLetterRoutingKey: 'poison.dead',
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2 },
    });
    channel.sendToQueue('poison', Buffer.from('x'));
    await channel.consume('poison', (message) => message && channel.nack(message));
    const [letter] = await take('poison.dead', 1);
    expect(letter?.properties.headers?.['x-first-death-reason']).toBe('delivery_limit');
    await channel.deleteQueue('poison');
  });
});
