import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingPython, pythonEnvironment } from '../interop/python-program.js';
import { describeWith, runs } from '../interop/requirement.js';
import { StoredLogs } from '../stored-logs.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';

const run = promisify(execFile);
let directory: TemporaryDirectory;
let warren: WarrenProcess;
let logs: StoredLogs;

beforeAll(async () => {
  directory = new TemporaryDirectory();
  warren = await WarrenProcess.start(['up'], { WARREN_DATA_DIR: directory.path });
  logs = new StoredLogs(warren.address('store'));
});

afterAll(async () => {
  await logs?.[Symbol.asyncDispose]();
  await warren?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const PIKA = `
import json, sys, pika
connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
body = json.dumps({"message": "stock is low", "sku": "lamp-1", "left": 3})
channel.basic_publish("logs", "app.stock.warn", body, mandatory=True,
    properties=pika.BasicProperties(content_type="application/json", delivery_mode=2))
connection.close()
`;

const amqpPublishMissing = runs('amqp-publish', ['--help'])
  ? undefined
  : 'amqp-publish is not installed (Debian: apt-get install amqp-tools)';

describeWith(missingPython, "a record of Python's pika", () => {
  it('gets through', async () => {
    await run('python3', ['-c', PIKA, warren.brokerUrl], { env: { ...process.env, ...pythonEnvironment } });
    const [found] = await logs.waitFor('sku:"lamp-1"');
    expect(found?._source).toMatchObject({
      message: 'stock is low',
      left: 3,
      log: { level: 'warn' },
      service: { name: 'stock' },
    });
  });
});

describeWith(amqpPublishMissing, 'a record of amqp-publish', () => {
  it('gets through as plain text', async () => {
    const { host } = new URL(warren.brokerUrl);
    const text = 'disk sda1 is 91 % full';
    await run('amqp-publish', [
      '-u',
      `amqp://guest:guest@${host}`,
      '-e',
      'logs',
      '-r',
      'app.cron.error',
      '-b',
      text,
    ]);
    const [found] = await logs.waitFor('message:sda1');
    expect(found?._source).toMatchObject({
      message: text,
      log: { level: 'error' },
      service: { name: 'cron' },
    });
  });
});
