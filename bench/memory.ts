// What the broker takes in memory and on disk with a backlog, and how soon it delivers after a restart:
//   node dist/bench/memory.js [--messages 1000000] [--queues 1] [--transient]
// Publishes messages of 512 bytes round robin to the queues with no consumer, restarts the broker, fetches one
// message, and drains all of them. Prints resident memory (now and at most) after each phase.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ConfirmChannel, connect } from 'amqplib';
import { type Contestant, startWarrenOn } from './contestant.js';
import { describeMachine } from './machine.js';
import { formatTable } from './table.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    queues: { type: 'string', default: '1' },
    transient: { type: 'boolean', default: false },
  },
});
const messages = Number(values.messages);
const queues = Array.from({ length: Number(values.queues) }, (_, n) => `warren.bench.memory.${n}`);
const persistent = !values.transient;
const unconfirmedMax = 5_000;
const rows: string[][] = [];

async function withChannel<T>(warren: Contestant, run: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
  const connection = await connect(warren.url, { noDelay: true });
  try {
    return await run(await connection.createConfirmChannel());
  } finally {
    await connection.close();
  }
}

async function publish(channel: ConfirmChannel): Promise<void> {
  const body = Buffer.alloc(512, 'x');
  for (const queue of queues) await channel.assertQueue(queue, { durable: true });
  for (let n = 0; n < messages; n += 1) {
    if (!channel.publish('', queues[n % queues.length] as string, body, { persistent })) {
      await once(channel, 'drain');
    }
    if (n % unconfirmedMax === 0) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
}

async function drain(channel: ConfirmChannel, count: number): Promise<void> {
  let left = count;
  await channel.prefetch(1000);
  await new Promise<void>((resolve, reject) => {
    for (const queue of queues) {
      const take = (message: unknown): void => {
        if (message === null) return;
        left -= 1;
        if (left % 100 === 0) channel.ackAll();
        if (left === 0) resolve();
      };
      channel.consume(queue, take).catch(reject);
    }
  });
  await channel.checkQueue(queues[0] as string);
}

async function measure(phase: string, warren: Contestant, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  const usage = warren.usage();
  const memory = [usage?.residentBytes, usage?.residentBytesMost].map((bytes) =>
    ((bytes ?? Number.NaN) / 2 ** 20).toFixed(0),
  );
  const disk = execFileSync('du', ['-sm', warren.directory as string])
    .toString()
    .split('\t')[0] as string;
  rows.push([phase, seconds.toFixed(2), ...memory, disk]);
}

const directory = await mkdtemp(join(tmpdir(), 'warren-bench-'));
try {
  let warren = await startWarrenOn(directory);
  await measure(`${messages.toLocaleString('en')} into ${queues.length} queues`, warren, () =>
    withChannel(warren, publish),
  );
  await warren.stop();
  const startedAt = performance.now();
  warren = await startWarrenOn(directory);
  await withChannel(warren, (channel) => channel.get(queues[0] as string, { noAck: true }));
  const seconds = (performance.now() - startedAt) / 1_000;
  await measure('a start and the first message', warren, async () => undefined);
  (rows[rows.length - 1] as string[])[1] = seconds.toFixed(2);
  if (persistent) {
    await measure('all of them out', warren, () =>
      withChannel(warren, (channel) => drain(channel, messages - 1)),
    );
  }
  await warren.stop();
} finally {
  await rm(directory, { recursive: true, force: true });
}
const head = ['phase', 'seconds', 'RSS MiB', 'RSS MiB at most', 'disk MiB'];
console.log(`${describeMachine()}\n${formatTable(head, rows)}`);
