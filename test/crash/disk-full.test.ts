import { chmodSync, mkdirSync } from 'node:fs';
import { type ChannelModel, connect } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../interop/requirement.js';
import { FrameClient } from '../interop/wire/frame-client.js';
import { until } from '../until.js';
import { BrokerAtRisk } from './broker-at-risk.js';
import { type DiskFault, FailingDisk, missingDisk } from './failing-disk.js';

const QUEUE = 'full.kept';
const BACKLOG = 'full.backlog';
const BACKLOG_LENGTH = 300;
/** With what the disk does when it fails, a stop takes no longer. */
const STOP_MS_MAX = 10_000;

let broker: BrokerAtRisk;
let disk: FailingDisk;

beforeEach(async () => {
  broker = new BrokerAtRisk();
  mkdirSync(broker.dataDirectory);
  disk = new FailingDisk(broker.directory, broker.dataDirectory);
});

afterEach(async () => {
  disk[Symbol.dispose]();
  await broker[Symbol.asyncDispose]();
});

/** Publishes numbers to a queue, one after the other, and knows which were confirmed. */
class Numbers {
  readonly confirmed: number[] = [];
  sent = 0;
  blocked = false;
  readonly connection: ChannelModel;
  readonly #publish: (number: number) => void;

  private constructor(connection: ChannelModel, publish: (number: number) => void) {
    this.connection = connection;
    this.#publish = publish;
    connection.on('error', () => undefined);
    connection.on('blocked', () => {
      this.blocked = true;
    });
    connection.on('unblocked', () => {
      this.blocked = false;
    });
  }

  static async start(queue: string): Promise<Numbers> {
    const connection = await connect(broker.url, { noDelay: true });
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(queue, { durable: true });
    const numbers: Numbers = new Numbers(connection, (number) => {
      const confirmed = (error: Error | null): void => {
        if (error === null) numbers.confirmed.push(number);
      };
      channel.sendToQueue(queue, Buffer.from(String(number)), { persistent: true }, confirmed);
    });
    return numbers;
  }

  publish(count: number): void {
    for (let left = count; left > 0; left--) this.#publish(this.sent++);
  }

  async allConfirmed(): Promise<void> {
    await until('all confirms', async () => (this.confirmed.length === this.sent ? true : undefined));
  }
}

async function contentOf(queue: string): Promise<number[]> {
  const connection = await connect(broker.url, { noDelay: true });
  const channel = await connection.createChannel();
  const found: number[] = [];
  await channel.consume(queue, (message) => {
    found.push(Number(message?.content.toString()));
  });
  await until(`${queue} is empty`, async () =>
    (await channel.checkQueue(queue)).messageCount === 0 ? true : undefined,
  );
  await connection.close();
  return found;
}

async function diskFails(fault: DiskFault, publisher: Numbers): Promise<void> {
  disk.fail(fault);
  publisher.publish(10);
  await until('a write that fails', async () => (disk.refusals > 0 ? true : undefined));
}

describeWith(missingDisk(), 'a disk that fails', () => {
  test.each(['no-space', 'sync-fails'] as const)(
    '(%s) blocks publishers and confirms nothing, lets consumers go on, and is used again when it works',
    async (fault) => {
      await broker.start({ environment: disk.environment });
      const backlog = await Numbers.start(BACKLOG);
      backlog.publish(BACKLOG_LENGTH);
      await backlog.allConfirmed();
      const publisher = await Numbers.start(QUEUE);
      publisher.publish(50);
      await publisher.allConfirmed();
      const requests = await FrameClient.open('127.0.0.1', broker.port);
      await requests.call(1, 'channel.open');

      await diskFails(fault, publisher);
      await until('connection.blocked', async () => {
        if (!publisher.blocked) publisher.publish(1);
        return publisher.blocked || undefined;
      });
      expect(publisher.confirmed).toHaveLength(50);
      const declared = requests.call(1, 'queue.declare', { queue: 'full.new', durable: true });
      const consumer = await connect(broker.url, { noDelay: true });
      consumer.on('error', () => undefined);
      const taking = await consumer.createChannel();
      const taken: number[] = [];
      await taking.prefetch(20);
      await taking.consume(BACKLOG, (message) => {
        if (message === null || taken.length >= 200) return;
        taken.push(Number(message.content.toString()));
        taking.ack(message);
      });
      await until('deliveries', async () => (taken.length === 200 ? true : undefined));
      expect(publisher.confirmed).toHaveLength(50);
      expect(requests.received.some(({ name }) => name === 'queue.declare-ok')).toBe(false);

      disk.fail();
      await publisher.allConfirmed();
      await until('connection.unblocked', async () => (publisher.blocked ? undefined : true));
      expect((await declared).name).toBe('queue.declare-ok');
      publisher.publish(1);
      await publisher.allConfirmed();
      await broker.kill();
      await broker.start();
      expect(await contentOf(QUEUE)).toEqual(Array.from({ length: publisher.sent }, (_, index) => index));
      const left = Array.from({ length: BACKLOG_LENGTH - 200 }, (_, index) => index + 200);
      expect(await contentOf(BACKLOG)).toEqual(left);
      expect(broker.output).toMatch(/The broker cannot write to its disk/);
      expect(await broker.stop()).toBe(0);
    },
    60_000,
  );

  test('and then the end of the broker leaves what was confirmed before', async () => {
    await broker.start({ environment: disk.environment });
    const publisher = await Numbers.start(QUEUE);
    publisher.publish(200);
    await publisher.allConfirmed();
    await diskFails('no-space', publisher);
    await broker.kill();
    disk.fail();
    await broker.start();
    expect((await contentOf(QUEUE)).slice(0, 200)).toEqual(publisher.confirmed);
    expect(publisher.confirmed).toHaveLength(200);
    expect(await broker.stop()).toBe(0);
  });

  test('does not keep the broker from stopping, which says so and answers no commit', async () => {
    await broker.start({ environment: disk.environment });
    const publisher = await Numbers.start(QUEUE);
    publisher.publish(200);
    await publisher.allConfirmed();
    const transaction = await FrameClient.open('127.0.0.1', broker.port);
    await transaction.call(1, 'channel.open');
    await transaction.call(1, 'tx.select');
    const closing = await FrameClient.open('127.0.0.1', broker.port);
    await closing.call(1, 'channel.open');
    await closing.call(1, 'tx.select');
    await diskFails('no-space', publisher);
    for (const client of [transaction, closing]) {
      client.publish(1, { routingKey: QUEUE }, { deliveryMode: 2 }, Buffer.from('900'));
      client.send(1, 'tx.commit');
    }
    // Neither the end of a connection nor that of the broker sends what has to wait for the disk.
    closing.send(0, 'connection.close', { replyCode: 200 });
    const asked = performance.now();
    const exitCode = await broker.stop();
    expect(performance.now() - asked).toBeLessThan(STOP_MS_MAX);
    expect(exitCode).toBe(0);
    expect(broker.output).toMatch(/"unwritten":1[0-9],.*The broker stops on a disk that fails/);
    for (const client of [transaction, closing]) {
      await client.next(({ name }) => name === 'socket.closed');
      expect(client.received.map(({ name }) => name)).not.toContain('tx.commit-ok');
    }
    disk.fail();
    await broker.start();
    expect((await contentOf(QUEUE)).slice(0, 200)).toEqual(publisher.confirmed);
    expect(await broker.stop()).toBe(0);
  }, 30_000);

  test('at the start is said in one line', async () => {
    await broker.start();
    expect(await broker.stop()).toBe(0);
    disk.fail('no-space');
    await expect(broker.start({ environment: disk.environment })).rejects.toThrow(
      /cannot (lock|open) .* \(SQLITE_FULL\): its disk is full; make room/,
    );
  });
});

/** Someone who is not root, whom no permission would keep from anything. */
const NOBODY = 65_534;

test('a data directory that may only be read is said in one line', async () => {
  await broker.start();
  expect(await broker.stop()).toBe(0);
  chmodSync(broker.directory, 0o755);
  chmodSync(broker.dataDirectory, 0o555);
  const start = broker.start(process.getuid?.() === 0 ? { user: NOBODY } : {});
  await expect(start).rejects.toThrow(
    /cannot use the broker's data directory .*EACCES.*; choose another or mend its permissions/,
  );
  chmodSync(broker.dataDirectory, 0o700);
});
