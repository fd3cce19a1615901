// A broker under measurement: Warren's, in a process of its own on a directory of its own, or another one
// that is running already.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { listeningProcess, type ProcessUsage, processUsage } from './process-usage.js';

export interface Contestant {
  readonly name: string;
  readonly url: string;
  /** Undefined where the process is not on this machine or not ours to see. */
  usage(): ProcessUsage | undefined;
  /** Where it keeps its messages, if that is known. */
  readonly directory?: string;
  stop(): Promise<void>;
}

interface Introduced {
  readonly serverProperties: { readonly product: string; readonly version: string };
}

/** WARREN_BENCH_NODE_OPTIONS goes to the broker's process: `--cpu-prof`, say. */
export async function startWarren(): Promise<Contestant> {
  const directory = await mkdtemp(join(tmpdir(), 'warren-bench-'));
  const warren = await startWarrenOn(directory);
  const stop = async (): Promise<void> => {
    await warren.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { ...warren, stop };
}

/** On a directory that stays. */
export async function startWarrenOn(directory: string): Promise<Contestant> {
  const child = fork(new URL('./broker-process.js', import.meta.url), [directory], {
    execArgv: (process.env['WARREN_BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean),
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    name: 'Warren',
    directory,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    usage: () => (child.pid === undefined ? undefined : processUsage(child.pid)),
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** A broker that is running already; its process is found by the port it listens on. */
export async function contestantAt(url: string, directory?: string): Promise<Contestant> {
  const connection = await connect(url);
  // The client's types know nothing of what the broker said of itself.
  const { product, version } = (connection.connection as unknown as Introduced).serverProperties;
  await connection.close();
  const processId = listeningProcess(Number(new URL(url).port || 5672));
  return {
    name: `${product} ${version}`,
    url,
    ...(directory === undefined ? {} : { directory }),
    usage: () => (processId === undefined ? undefined : processUsage(processId)),
    stop: async () => {},
  };
}

export interface Topology {
  readonly queues: readonly string[];
  readonly durable: boolean;
  readonly exchange?: { readonly name: string; readonly type: string; readonly bindingKey: string };
}

/** Declares what a workload needs; resolves with what takes it away again. */
export async function declareTopology(url: string, topology: Topology): Promise<() => Promise<void>> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const { exchange, queues, durable } = topology;
  if (exchange) await channel.assertExchange(exchange.name, exchange.type, { durable });
  for (const queue of queues) {
    await channel.assertQueue(queue, { durable });
    if (exchange) await channel.bindQueue(queue, exchange.name, exchange.bindingKey);
  }
  return async () => {
    for (const queue of queues) await channel.deleteQueue(queue);
    if (exchange) await channel.deleteExchange(exchange.name);
    await connection.close();
  };
}
