import { setTimeout as wait } from 'node:timers/promises';
import amqplib, { type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SAME_SIGNAL_MS } from '../../cli/long-running.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = new TemporaryDirectory();
});

afterEach(() => directory[Symbol.dispose]());

function start(drainMsMax: number): Promise<WarrenProcess> {
  return WarrenProcess.start(['broker', '--drain-ms-max', String(drainMsMax)], {
    WARREN_DATA_DIR: directory.path,
  });
}

/** A client that has consumed one message and not acked it. */
async function hold(warren: WarrenProcess) {
  const connection: ChannelModel = await amqplib.connect(warren.brokerUrl);
  connection.on('error', () => undefined);
  const channel: Channel = await connection.createChannel();
  await channel.assertQueue('held', { durable: true });
  channel.sendToQueue('held', Buffer.from('x'), { persistent: true });
  let cancel: () => void;
  const cancelled = new Promise<void>((resolve) => {
    cancel = resolve;
  });
  const delivery = await new Promise<ConsumeMessage>((resolve) => {
    void channel.consume('held', (message) => (message === null ? cancel() : resolve(message)));
  });
  return { channel, delivery, cancelled };
}

describe('warren broker on SIGTERM', () => {
  it('waits for what is unacked, and ends as soon as it is acked', async () => {
    await using warren = await start(60_000);
    const { channel, delivery, cancelled } = await hold(warren);
    const ended = warren.end('SIGTERM');
    await cancelled;
    expect(warren.child.exitCode).toBeNull();
    channel.ack(delivery);
    expect((await ended).exitCode).toBe(0);
    await using again = await start(0);
    const connection = await amqplib.connect(again.brokerUrl);
    expect((await (await connection.createChannel()).checkQueue('held')).messageCount).toBe(0);
    await connection.close();
  });

  it('waits no longer than it is told to, and ends in order', async () => {
    await using warren = await start(500);
    await hold(warren);
    const startedAt = performance.now();
    const { exitCode, stderr } = await warren.end('SIGTERM');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('The drain took too long for some connections');
    expect(performance.now() - startedAt).toBeGreaterThan(450);
  });

  it('ends at once on a second signal', async () => {
    await using warren = await start(60_000);
    const { cancelled } = await hold(warren);
    warren.child.kill('SIGTERM');
    await cancelled;
    // Only a signal later than this counts as a second one.
    await wait(SAME_SIGNAL_MS + 100);
    const startedAt = performance.now();
    const { exitCode } = await warren.end('SIGTERM');
    expect(exitCode).toBe(143);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
