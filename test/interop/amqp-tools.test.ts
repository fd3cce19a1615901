// librabbitmq's command-line tools (Debian's amqp-tools), used as a shell script would.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { describeWith, runs } from './requirement.js';

const missing = runs('amqp-publish', ['--help'])
  ? undefined
  : 'amqp-publish is not installed (Debian: apt-get install amqp-tools)';

describeWith(missing, 'amqp-tools', () => {
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    broker = await startBrokerUnderTest();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  /** Runs a tool and returns what it printed. */
  async function tool(name: string, ...options: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(name, ['-u', broker.url, ...options], { timeout: 10_000 });
    return stdout;
  }

  test('a queue is declared, published to, read from and deleted', async () => {
    const queue = `warren.tools.${randomUUID()}`;
    expect((await tool('amqp-declare-queue', '-q', queue, '-d')).trim()).toBe(queue);
    await tool(
      'amqp-publish',
      '-r',
      queue,
      '-p',
      '-b',
      'from the shell',
      '-C',
      'text/plain',
      '-H',
      'level: error',
    );
    expect(await tool('amqp-get', '-q', queue)).toBe('from the shell');
    await expect(tool('amqp-get', '-q', queue)).rejects.toMatchObject({ code: 2 });
    expect((await tool('amqp-delete-queue', '-q', queue)).trim()).toBe('0');
  });

  test('amqp-consume hands each message to a command and acks it', async () => {
    const queue = `warren.tools.${randomUUID()}`;
    await tool('amqp-declare-queue', '-q', queue);
    for (const body of ['one', 'two', 'three']) await tool('amqp-publish', '-r', queue, '-b', body);
    const output = await tool('amqp-consume', '-q', queue, '-p', '1', '-c', '3', 'cat');
    expect(output).toBe('onetwothree');
    expect((await tool('amqp-delete-queue', '-q', queue)).trim()).toBe('0');
  });

  test('amqp-consume on an exchange makes a queue of its own', async () => {
    const consumer = spawn(
      'amqp-consume',
      ['-u', broker.url, '-e', 'amq.topic', '-r', 'app.#', '-c', '1', 'cat'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const said = new Promise<string>((resolve) => {
      let output = '';
      consumer.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      consumer.once('close', () => resolve(output));
    });
    // It prints the queue's name on its standard error once it consumes.
    await new Promise((resolve) => consumer.stderr.once('data', resolve));
    const publish = tool(
      'amqp-publish',
      '-e',
      'amq.topic',
      '-r',
      'app.order.error',
      '-b',
      'to whom it concerns',
    );
    await publish;
    expect(await said).toBe('to whom it concerns');
  });

  test('a missing queue is said to be missing', async () => {
    await expect(tool('amqp-get', '-q', 'warren.tools.absent')).rejects.toMatchObject({
      stderr: expect.stringContaining("NOT_FOUND - no queue 'warren.tools.absent' in vhost '/'"),
    });
  });

  test('a message whose command fails is not acked and stays', async () => {
    const queue = `warren.tools.${randomUUID()}`;
    await tool('amqp-declare-queue', '-q', queue);
    await tool('amqp-publish', '-r', queue, '-b', 'kept');
    await tool('amqp-consume', '-q', queue, '-c', '1', 'false').catch(() => 'whatever it ends with');
    expect(await tool('amqp-consume', '-q', queue, '-c', '1', 'cat')).toBe('kept');
    await tool('amqp-delete-queue', '-q', queue);
  });

  test('each line of the standard input becomes a message, read without acks', async () => {
    const queue = (await tool('amqp-declare-queue', '-q', '')).trim();
    expect(queue).toMatch(/^amq\.gen-/);
    const publish = promisify(execFile)('amqp-publish', ['-u', broker.url, '-r', queue, '-l']);
    publish.child.stdin?.end('first\nsecond\n');
    await publish;
    expect(await tool('amqp-consume', '-q', queue, '-A', '-c', '2', 'cat')).toBe('first\nsecond\n');
    expect((await tool('amqp-delete-queue', '-q', queue)).trim()).toBe('0');
  });

  test('a queue is not deleted while it has messages, where that was asked for', async () => {
    const queue = `warren.tools.${randomUUID()}`;
    await tool('amqp-declare-queue', '-q', queue);
    await tool('amqp-publish', '-r', queue, '-b', 'kept');
    await expect(tool('amqp-delete-queue', '-q', queue, '-e')).rejects.toMatchObject({
      stderr: expect.stringContaining(`PRECONDITION_FAILED - queue '${queue}' in vhost '/' not empty`),
    });
    expect((await tool('amqp-delete-queue', '-q', queue)).trim()).toBe('1');
    expect((await tool('amqp-delete-queue', '-q', queue)).trim()).toBe('0');
  });

  test('a queue that is there and differs is said to differ', async () => {
    const queue = `warren.tools.${randomUUID()}`;
    await tool('amqp-declare-queue', '-q', queue);
    await expect(tool('amqp-declare-queue', '-q', queue, '-d')).rejects.toMatchObject({
      stderr: expect.stringContaining(`inequivalent arg 'durable' for queue '${queue}'`),
    });
    await tool('amqp-delete-queue', '-q', queue);
  });

  test('a wrong password is refused', async () => {
    const wrong = broker.url.replace(':guest@', ':wrong@');
    const get = promisify(execFile)('amqp-get', ['-u', wrong, '-q', 'any'], { timeout: 10_000 });
    await expect(get).rejects.toMatchObject({ stderr: expect.stringContaining('ACCESS_REFUSED') });
  });
});
