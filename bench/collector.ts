// What a record costs the collector: Warren's broker, the collector and an index that answers at once, each in a
// process of its own. The queue is filled first, then the collector is started and drains it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { v7 as uuidv7 } from 'uuid';
import { Collector } from '../collector/collector.js';
import { declareTopology } from '../collector/topology.js';
import { processUsage } from './process-usage.js';
import { formatTable } from './table.js';

const RECORDS = 200_000;

/** Records of the first run warm the collector up and are not counted. */
const WARM_UP = 20_000;

interface Workload {
  name: string;
  body: (id: string, number: number) => string;
  hasMessageId: boolean;
}

const WORKLOADS: Workload[] = [
  {
    name: 'complete ECS records, 460 bytes',
    hasMessageId: true,
    body: (id, number) =>
      JSON.stringify({
        '@timestamp': new Date().toISOString(),
        message: `Order ${number} was placed and is being paid for; the customer waits for the confirmation mail`,
        log: { level: 'info', logger: 'order.checkout' },
        service: { name: 'order', version: '1.4.2', environment: 'production' },
        host: { hostname: 'web-17' },
        process: { pid: 4711 },
        trace: { id: 'd4f3a1b2c5e60718293a4b5c6d7e8f90' },
        event: { id },
        orderId: number,
        amount: number * 1.25,
        labels: { region: 'eu-west' },
      }),
  },
  { name: "pino's own lines, 160 bytes", hasMessageId: false, body: (_, number) => pinoLine(number) },
  { name: 'plain text, 80 bytes', hasMessageId: false, body: (_, number) => textLine(number) },
];

function pinoLine(number: number): string {
  return JSON.stringify({
    level: 30,
    time: Date.now(),
    pid: 4711,
    hostname: 'web-17',
    orderId: number,
    msg: 'Order was placed and is being paid for; the customer waits',
  });
}

function textLine(number: number): string {
  return `Order ${number} was placed and is being paid for; the customer waits for the mail`;
}

switch (process.argv[2]) {
  case 'index':
    await runIndex();
    break;
  case 'collector':
    await runCollector(process.argv[3]!, process.argv[4]!);
    break;
  default:
    await measure();
}

/** An index that takes every document at once, and tells its parent how many it has. */
async function runIndex(): Promise<void> {
  let documents = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.setHeader('x-elastic-product', 'Elasticsearch');
    response.setHeader('content-type', 'application/vnd.elasticsearch+json;compatible-with=8');
    if (!request.url?.startsWith('/_bulk')) {
      response.end('{"index_templates":[{"index_template":{"data_stream":{}}}]}');
      return;
    }
    let lines = 0;
    for (const chunk of chunks) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
    }
    const item = `{"create":{"_index":".ds-logs-order-production-2026.01.01-000001","_id":"${uuidv7()}","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":1,"_primary_term":1,"status":201}}`;
    documents += lines / 2;
    response.end(
      `{"took":1,"errors":false,"items":[${Array(lines / 2)
        .fill(item)
        .join(',')}]}`,
    );
    process.send?.({ documents });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  process.send?.({ port: (server.address() as AddressInfo).port });
  await once(process, 'disconnect');
  server.closeAllConnections();
  server.close();
}

async function runCollector(brokerUrl: string, elasticsearchUrl: string): Promise<void> {
  const collector = await Collector.start({ brokerUrl, elasticsearchUrl });
  await once(process, 'disconnect');
  await collector.stop();
}

async function measure(): Promise<void> {
  const rows: string[][] = [];
  for (const workload of WORKLOADS) rows.push(await measureOne(workload));
  console.log('Collector, draining a full queue into an index that answers at once');
  console.log(formatTable(['records', 'count', 'records/s', 'CPU µs a record', 'RSS MiB'], rows));
}

async function measureOne(workload: Workload): Promise<string[]> {
  const broker = fork(fileURLToPath(new URL('./broker-process.js', import.meta.url)));
  const brokerPort = await portOf(broker);
  const index = fork(fileURLToPath(import.meta.url), ['index']);
  const indexPort = await portOf(index);
  let documents = 0;
  index.on('message', (told: { documents?: number }) => {
    documents = told.documents ?? documents;
  });
  const url = `amqp://guest:guest@127.0.0.1:${brokerPort}`;
  const collector = fork(fileURLToPath(import.meta.url), ['collector', url, `http://127.0.0.1:${indexPort}`]);
  await fill(url, workload, WARM_UP);
  while (documents < WARM_UP) await once(index, 'message');
  collector.kill('SIGSTOP');
  await fill(url, workload, RECORDS);
  const before = processUsage(collector.pid!);
  const beganAtMs = performance.now();
  collector.kill('SIGCONT');
  while (documents < WARM_UP + RECORDS) await once(index, 'message');
  const seconds = (performance.now() - beganAtMs) / 1000;
  const after = processUsage(collector.pid!);
  for (const child of [collector, index, broker]) {
    child.disconnect();
    await once(child, 'exit');
  }
  return [
    workload.name,
    RECORDS.toLocaleString('en'),
    Math.round(RECORDS / seconds).toLocaleString('en'),
    ((after.cpuMicroseconds - before.cpuMicroseconds) / RECORDS).toFixed(1),
    (after.residentBytes / 2 ** 20).toFixed(0),
  ];
}

async function portOf(child: ChildProcess): Promise<number> {
  const [told] = (await once(child, 'message')) as [{ port: number }];
  return told.port;
}

async function fill(url: string, { body, hasMessageId }: Workload, count: number): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  await declareTopology(channel);
  for (let number = 0; number < count; number += 1) {
    const id = uuidv7();
    const properties = hasMessageId ? { messageId: id, contentType: 'application/json', type: 'log' } : {};
    channel.publish('logs', 'app.order.info', Buffer.from(body(id, number)), properties);
    if (number % 2000 === 1999) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  await connection.close();
}
