// The broker in a process of its own, for tests that watch what it uses or that try to bring it down.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processUsage } from '../../bench/process-usage.js';
import { FrameClient } from './wire/frame-client.js';

export class BrokerProcess {
  readonly port: number;
  readonly host = '127.0.0.1';
  readonly #child: ChildProcess;
  readonly #directory: string;

  constructor(child: ChildProcess, port: number, directory: string) {
    this.#child = child;
    this.port = port;
    this.#directory = directory;
  }

  static async start(): Promise<BrokerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'warren-broker-process-'));
    const child = fork(new URL('../../bench/broker-process.js', import.meta.url), [directory]);
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new BrokerProcess(child, port, directory);
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get residentMebibytes(): number {
    return processUsage(this.#child.pid ?? 0).residentBytes / 2 ** 20;
  }

  /** A connection with channel 1 open. */
  async open(): Promise<FrameClient> {
    const client = await FrameClient.open(this.host, this.port);
    await client.call(1, 'channel.open');
    return client;
  }

  /** Whether the broker still serves a new client as if nothing had been. */
  async serves(): Promise<boolean> {
    if (!this.alive) return false;
    const client = await this.open();
    const { arguments: declared } = await client.call(1, 'queue.declare', { exclusive: true });
    const queue = String(declared['queue']);
    client.publish(1, { routingKey: queue }, {}, Buffer.from('alive'));
    const got = await client.call(1, 'basic.get', { queue, noAck: true });
    await client.call(0, 'connection.close', { replyCode: 200 });
    client.destroy();
    return got.body?.toString() === 'alive';
  }

  async stop(): Promise<void> {
    if (this.alive) {
      const ended = once(this.#child, 'exit');
      this.#child.disconnect();
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
