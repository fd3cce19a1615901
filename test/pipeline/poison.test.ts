import { randomUUID } from 'node:crypto';
import { type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoredLogs } from '../stored-logs.js';
import { until } from '../until.js';
import { runWarren, TemporaryDirectory, WarrenProcess } from '../warren-process.js';

let directory: TemporaryDirectory;
let warren: WarrenProcess;
let logs: StoredLogs;
let connection: ChannelModel;

beforeAll(async () => {
  directory = new TemporaryDirectory();
  warren = await WarrenProcess.start(['up'], { WARREN_DATA_DIR: directory.path });
  logs = new StoredLogs(warren.address('store'));
  connection = await connect(warren.brokerUrl);
});

afterAll(async () => {
  await connection?.close();
  await logs?.[Symbol.asyncDispose]();
  await warren?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

async function publish(fields: Record<string, unknown>): Promise<string> {
  const id = randomUUID();
  const channel = await connection.createConfirmChannel();
  const record = {
    '@timestamp': new Date().toISOString(),
    message: 'Payment taken',
    log: { level: 'info' },
    service: { name: 'payment' },
    event: { id },
    ...fields,
  };
  channel.publish('logs', 'app.payment.info', Buffer.from(JSON.stringify(record)), {
    persistent: true,
    messageId: id,
    contentType: 'application/json',
    type: 'log',
  });
  await channel.waitForConfirms();
  await channel.close();
  return id;
}

async function deadLetters(): Promise<Record<string, unknown>[]> {
  const { stdout } = await runWarren(['dlq', 'list', '--json', '--broker-url', warren.brokerUrl]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a poison record', () => {
  it('is dead-lettered with its reason, harms no neighbour, and is indexed by a replay once its cause is mended', async () => {
    await publish({ amount: 1.5 });
    await logs.waitFor('amount:1.5');

    const [before, poison, after] = [
      await publish({ amount: 2, batch: 'b1' }),
      await publish({ amount: 'twelve', batch: 'b1' }),
      await publish({ amount: 3, batch: 'b1' }),
    ];
    const neighbours = await logs.waitFor('batch:b1', 2);
    expect(neighbours.map(({ _id }) => _id).sort()).toEqual([before, after].sort());
    const [letter] = await until('the dead letter', async () => {
      const letters = await deadLetters();
      return letters.length > 0 ? letters : undefined;
    });
    expect(letter).toMatchObject({ messageId: poison, reason: 'mapping', status: 400 });
    expect(letter?.['error']).toMatch(/document_parsing_exception.*failed to parse field \[amount\]/);
    const shown = await runWarren(['dlq', 'show', poison, '--broker-url', warren.brokerUrl]);
    expect(shown.stdout).toContain('failed to parse field [amount]');

    await logs.client.indices.putMapping({
      index: letter?.['index'] as string,
      properties: { amount: { type: 'float', ignore_malformed: true } },
    });
    const replayed = await runWarren(['dlq', 'replay', poison, '--broker-url', warren.brokerUrl]);
    expect(replayed).toMatchObject({ exitCode: 0, stdout: '1 replayed, 0 left\n' });
    const all = await logs.waitFor('batch:b1', 3);
    expect(all.filter(({ _id }) => _id === poison)).toHaveLength(1);
    expect(await deadLetters()).toEqual([]);
  });

  it('is refused a replay by an id that is not there', async () => {
    const { exitCode, stderr } = await runWarren(['dlq', 'replay', 'none', '--broker-url', warren.brokerUrl]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe('warren: there is no dead letter none\n');
  });
});
