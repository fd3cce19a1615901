// Fairness: how long a message of a quiet connection takes while others flood the broker. The probe publishes
// 100 persistent messages a second with confirms, and consumes them, on connections of its own.
//   node dist/bench/fairness.js [--seconds 5]
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from 'amqplib';
import { type Contestant, declareTopology, startWarren } from './contestant.js';
import type { LoadPlan } from './load-plan.js';
import { LoadProcess } from './load-process.js';
import { describeMachine } from './machine.js';
import { formatTable, quantile } from './table.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });

const flood: Omit<LoadPlan, 'host' | 'port' | 'user' | 'password'> = {
  publishers: 1,
  exchange: '',
  routingKey: 'warren.bench.flood',
  bodyBytes: 512,
  persistent: false,
  confirmWindow: 0,
  ratePerSecond: 0,
  publishedMax: 0,
  consumers: 1,
  queues: ['warren.bench.flood'],
  prefetch: 0,
  ackEvery: 100,
  copies: 1,
  inFlightMax: Number.MAX_SAFE_INTEGER,
};

const floods: ReadonlyArray<readonly [string, Partial<LoadPlan> | undefined]> = [
  ['nothing else', undefined],
  ['a publisher without confirms, a consumer without acks', {}],
  ['a publisher of persistent messages, nobody consumes', { persistent: true, consumers: 0 }],
  ['a long queue that is drained', { publishers: 0, prefetch: 1000 }],
];

/** Milliseconds from publish to delivery, and from publish to confirm. */
async function probe(
  contestant: Contestant,
  seconds: number,
): Promise<[deliveries: number[], confirms: number[]]> {
  const publisher = await connect(contestant.url, { noDelay: true });
  const consumer = await connect(contestant.url, { noDelay: true });
  const publishing = await publisher.createConfirmChannel();
  const consuming = await consumer.createChannel();
  await publishing.assertQueue('warren.bench.probe', { durable: true });
  const [deliveries, confirms]: [number[], number[]] = [[], []];
  await consuming.consume('warren.bench.probe', (message) => {
    if (message === null) return;
    deliveries.push(performance.now() - Number(message.content.toString()));
    consuming.ack(message);
  });
  for (let n = 0; n < seconds * 100; n += 1) {
    const sentAt = performance.now();
    const content = Buffer.from(String(sentAt));
    publishing.sendToQueue('warren.bench.probe', content, { persistent: true }, () =>
      confirms.push(performance.now() - sentAt),
    );
    await wait(10);
  }
  await publishing.waitForConfirms();
  await Promise.all([publisher.close(), consumer.close()]);
  return [deliveries, confirms];
}

const warren = await startWarren();
const rows: string[][] = [];
try {
  const remove = await declareTopology(warren.url, { queues: ['warren.bench.flood'], durable: true });
  for (const [what, part] of floods) {
    const load = part && (await LoadProcess.start(warren, { ...flood, ...part }));
    load?.begin();
    const [deliveries, confirms] = await probe(warren, Number(values.seconds));
    await load?.stop();
    const figures = [deliveries, confirms].flatMap((of) => [quantile(of, 0.5), quantile(of, 0.99)]);
    rows.push([what, ...figures.map((figure) => figure.toFixed(1))]);
  }
  await remove();
} finally {
  await warren.stop();
}
const head = ['beside', 'delivery p50 ms', 'p99 ms', 'confirm p50 ms', 'p99 ms'];
console.log(`${describeMachine()}\n${formatTable(head, rows)}`);
