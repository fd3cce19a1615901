// How the broker's costs grow: each of them at a small size, a middle one and a large one. A cost that does not
// depend on the size keeps its ratio near 1.
//   node dist/bench/scale.js [--connections 10000] [--queues 100000] [--bindings 50000] [--messages 1000000]
// Topology, routing and queues are measured in this process, without a socket, by CPU time; connections
// against a broker in a process of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Broker } from '../broker/broker.js';
import type { EmbeddedChannel } from '../broker/embedding/embedded-channel.js';
import { FrameClient } from '../test/interop/wire/frame-client.js';
import { startWarren } from './contestant.js';
import { describeMachine } from './machine.js';
import { formatTable } from './table.js';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    queues: { type: 'string', default: '100000' },
    bindings: { type: 'string', default: '50000' },
    messages: { type: 'string', default: '1000000' },
  },
});

/** Operations of which the cost is measured at each size. */
const samples = 20_000;
const body = Buffer.alloc(512, 'x');
const rows: string[][] = [];

function sizesUpTo(largest: number): number[] {
  return [largest / 100, largest / 10, largest].map((size) => Math.max(1, Math.round(size)));
}

/** CPU microseconds of this process for each of `count` operations. */
async function cpuOf(count: number, operate: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await operate();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function report(what: string, unit: string, sizes: readonly number[], costs: readonly number[]): void {
  for (const [index, size] of sizes.entries()) {
    const cost = costs[index] as number;
    const ratio = index === 0 ? '' : `× ${(cost / (costs[0] as number)).toFixed(2)}`;
    rows.push([
      index === 0 ? what : '',
      size.toLocaleString('en'),
      cost.toFixed(2),
      index === 0 ? unit : '',
      ratio,
    ]);
  }
}

async function publishMany(
  channel: EmbeddedChannel,
  exchange: string,
  key: string,
  count: number,
): Promise<void> {
  const window = 1000;
  for (let done = 0; done < count; done += window) {
    const publishes = Array.from({ length: Math.min(window, count - done) }, () =>
      channel.publish(exchange, key, body, { persistent: true }),
    );
    await Promise.all(publishes);
  }
}

async function withBroker<T>(run: (channel: EmbeddedChannel, broker: Broker) => Promise<T>): Promise<T> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-scale-'));
  const broker = await Broker.start({ port: 0, dataDirectory });
  try {
    return await run(await broker.connect().openChannel(), broker);
  } finally {
    await broker.stop();
    await rm(dataDirectory, { recursive: true });
  }
}

/** One binding matches; the others share its first words. Every publish has a key that was not seen before. */
async function topicBindings(): Promise<void> {
  const sizes = sizesUpTo(Number(values.bindings));
  const costs: number[] = [];
  for (const size of sizes) {
    const cost = await withBroker(async (channel) => {
      await channel.declareExchange('logs', 'topic');
      await channel.declareQueue('matches');
      await channel.bindQueue('matches', 'logs', 'app.*.error.#');
      await channel.declareQueue('others');
      for (let n = 0; n < size; n += 1) await channel.bindQueue('others', 'logs', `app.service${n}.info.*`);
      let key = 0;
      const publish = (): Promise<void> => channel.publish('logs', `app.order.error.${key++}`, body);
      await Promise.all(Array.from({ length: samples }, publish));
      return cpuOf(samples, () => Promise.all(Array.from({ length: samples }, publish)));
    });
    costs.push(cost);
  }
  report('a publish by bindings on its topic exchange', 'µs', sizes, costs);
}

async function queueLength(): Promise<void> {
  const sizes = sizesUpTo(Number(values.messages));
  const into: number[] = [];
  const out: number[] = [];
  for (const size of sizes) {
    await withBroker(async (channel) => {
      await channel.declareQueue('long', { durable: true });
      await publishMany(channel, '', 'long', size);
      into.push(await cpuOf(samples, () => publishMany(channel, '', 'long', samples)));
      const take = async (): Promise<void> => {
        for (let n = 0; n < samples; n += 1) (await channel.get('long'))?.ack();
      };
      // What is got must have been there; the smallest queue has as many as were just published.
      out.push(await cpuOf(samples, take));
    });
  }
  report('a confirmed persistent publish by queue length', 'µs', sizes, into);
  report('a get and ack by queue length', 'µs', sizes, out);
}

async function manyQueues(): Promise<void> {
  const sizes = sizesUpTo(Number(values.queues));
  const declares: number[] = [];
  const publishes: number[] = [];
  for (const size of sizes) {
    await withBroker(async (channel) => {
      const declareAll = async (): Promise<void> => {
        for (let n = 0; n < size; n += 1000) {
          const some = Array.from({ length: Math.min(1000, size - n) }, (_, m) =>
            channel.declareQueue(`queue.${n + m}`, { durable: true }),
          );
          await Promise.all(some);
        }
      };
      declares.push(await cpuOf(size, declareAll));
      publishes.push(await cpuOf(samples, () => publishMany(channel, '', 'queue.0', samples)));
    });
  }
  report('a declare by queues', 'µs', sizes, declares);
  report('a confirmed persistent publish by queues', 'µs', sizes, publishes);
}

async function confirmWindow(): Promise<void> {
  const sizes = [100, 1_000, 10_000, 100_000];
  const costs: number[] = [];
  for (const size of sizes) {
    const cost = await withBroker(async (channel) => {
      await channel.declareQueue('confirmed', { durable: true, arguments: { 'x-max-length': 1000 } });
      const count = Math.max(samples, size);
      return cpuOf(count, async () => {
        for (let done = 0; done < count; done += size) {
          const publish = (): Promise<void> => channel.publish('', 'confirmed', body, { persistent: true });
          await Promise.all(Array.from({ length: size }, publish));
        }
      });
    });
    costs.push(cost);
  }
  report('a confirmed persistent publish by unconfirmed ones', 'µs', sizes, costs);
}

async function manyConnections(): Promise<void> {
  const sizes = sizesUpTo(Number(values.connections));
  const opens: number[] = [];
  const memory: number[] = [];
  for (const size of sizes) {
    const warren = await startWarren();
    const { hostname, port } = new URL(warren.url);
    // The first ones bring memory that all share.
    const clients = [];
    for (let n = 0; n < 100; n += 1) clients.push(await FrameClient.open(hostname, Number(port)));
    const before = warren.usage();
    for (let n = 0; n < size; n += 1) {
      const client = await FrameClient.open(hostname, Number(port));
      await client.call(1, 'channel.open');
      clients.push(client);
    }
    const after = warren.usage();
    opens.push(((after?.cpuMicroseconds ?? Number.NaN) - (before?.cpuMicroseconds ?? 0)) / size);
    memory.push(((after?.residentBytes ?? Number.NaN) - (before?.residentBytes ?? 0)) / size / 1024);
    for (const client of clients) client.destroy();
    await warren.stop();
  }
  report('opening a connection and a channel by connections', 'µs', sizes, opens);
  report('an idle connection with a channel', 'KiB', sizes, memory);
}

console.log(describeMachine());
await topicBindings();
await queueLength();
await manyQueues();
await confirmWindow();
await manyConnections();
console.log(formatTable(['what', 'at', 'cost', '', 'of the smallest'], rows));
