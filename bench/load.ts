// The load process: publishes prebuilt frames over raw sockets and counts what comes back. It is started by a
// benchmark as a child, with its plan as argument, says `ready` when its connections stand, begins at
// `start`, answers `count`, and ends at `stop` or with its parent.
import { once } from 'node:events';
import { contentFrames, encodeFrame, frameMethod } from '../test/interop/wire/content.js';
import { FrameClient } from '../test/interop/wire/frame-client.js';
import { encodeMethod } from '../test/interop/wire/method-table.js';
import { FrameScanner } from './frame-scanner.js';
import type { LoadCount, LoadPlan } from './load-plan.js';

const blockMessages = 64;
const ackTagOffset = 11;

/** A connection with its channel open; from here on only the scanner reads. */
async function open(plan: LoadPlan, prepare: (client: FrameClient) => Promise<void>): Promise<Wire> {
  const client = await FrameClient.open(plan.host, plan.port, { user: plan.user, password: plan.password });
  await client.call(1, 'channel.open');
  await prepare(client);
  client.socket.removeAllListeners('data');
  return new Wire(client);
}

class Wire {
  readonly client: FrameClient;
  readonly scanner = new FrameScanner();

  constructor(client: FrameClient) {
    this.client = client;
  }

  /** Reads with the scanner alone, and tells `then` after each chunk. */
  read(then: () => void): void {
    this.client.socket.on('data', (chunk: Buffer) => {
      this.scanner.scan(chunk);
      then();
    });
  }
}

class Publisher {
  published = 0;
  readonly #wire: Wire;
  readonly #plan: LoadPlan;
  readonly #block: Buffer;
  readonly #one: Buffer;
  #drained = true;

  constructor(wire: Wire, plan: LoadPlan) {
    this.#wire = wire;
    this.#plan = plan;
    const method = encodeMethod('basic.publish', { exchange: plan.exchange, routingKey: plan.routingKey });
    const properties = plan.persistent ? { deliveryMode: 2 } : {};
    const content = contentFrames(1, properties, Buffer.alloc(plan.bodyBytes, 0x77), 131_072);
    this.#one = Buffer.concat([encodeFrame(frameMethod, 1, method), content]);
    this.#block = Buffer.concat(Array.from({ length: blockMessages }, () => this.#one));
  }

  get confirmed(): number {
    return this.#wire.scanner.confirmed;
  }

  get scanner(): FrameScanner {
    return this.#wire.scanner;
  }

  /** Writes whole blocks while the socket, the confirm window and `room` (deliveries) allow. */
  pump(room: () => number): void {
    const { confirmWindow, copies, publishedMax } = this.#plan;
    while (this.#drained && room() >= blockMessages * copies) {
      const left =
        publishedMax === 0 ? blockMessages : Math.min(blockMessages, publishedMax - this.published);
      if (left === 0) return;
      if (confirmWindow > 0 && this.published - this.confirmed + blockMessages > confirmWindow) return;
      this.#write(this.#block.subarray(0, left * this.#one.length), room);
      this.published += left;
    }
  }

  /** Publishes one message that carries the time. */
  publishTimed(room: () => number): void {
    const message = Buffer.from(this.#one);
    message.writeBigUInt64BE(process.hrtime.bigint(), message.length - 1 - this.#plan.bodyBytes);
    this.#write(message, room);
    this.published += 1;
  }

  #write(bytes: Buffer, room: () => number): void {
    const { socket } = this.#wire.client;
    if (socket.write(bytes)) return;
    this.#drained = false;
    socket.once('drain', () => {
      this.#drained = true;
      if (this.#plan.ratePerSecond === 0) this.pump(room);
    });
  }
}

class Load {
  readonly #plan: LoadPlan;
  readonly #publishers: Publisher[] = [];
  readonly #consumers: FrameScanner[] = [];
  #latencies: number[] = [];
  #running = false;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
  }

  get delivered(): number {
    return this.#consumers.reduce((sum, scanner) => sum + scanner.delivered, 0);
  }

  get published(): number {
    return this.#publishers.reduce((sum, publisher) => sum + publisher.published, 0);
  }

  async connect(): Promise<void> {
    const plan = this.#plan;
    for (let index = 0; index < plan.consumers; index += 1) {
      await this.#consume(plan.queues[index % plan.queues.length] ?? '');
    }
    for (let index = 0; index < plan.publishers; index += 1) {
      const wire = await open(plan, async (client) => {
        if (plan.confirmWindow > 0) await client.call(1, 'confirm.select');
      });
      const publisher = new Publisher(wire, plan);
      wire.read(() => {
        if (this.#running && plan.ratePerSecond === 0) publisher.pump(this.#room);
      });
      this.#publishers.push(publisher);
    }
  }

  start(): void {
    this.#running = true;
    if (this.#plan.ratePerSecond === 0) {
      for (const publisher of this.#publishers) publisher.pump(this.#room);
      return;
    }
    const startedAt = process.hrtime.bigint();
    const timer = setInterval(() => {
      if (!this.#running) clearInterval(timer);
      const elapsedSeconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      let due = Math.floor(elapsedSeconds * this.#plan.ratePerSecond) - this.published;
      for (; this.#running && due > 0; due -= 1) {
        this.#publishers[due % this.#publishers.length]?.publishTimed(this.#room);
      }
    }, 1);
  }

  stop(): void {
    this.#running = false;
  }

  count(): LoadCount {
    const latenciesMicroseconds = this.#latencies;
    this.#latencies = [];
    const scanners = [...this.#consumers, ...this.#publishers.map((publisher) => publisher.scanner)];
    return {
      published: this.published,
      delivered: this.delivered,
      confirmed: this.#publishers.reduce((sum, publisher) => sum + publisher.confirmed, 0),
      refused: this.#publishers.reduce((sum, publisher) => sum + publisher.scanner.refused, 0),
      latenciesMicroseconds,
      closed: scanners.find((scanner) => scanner.closed)?.closed,
    };
  }

  readonly #room = (): number => {
    if (!this.#running) return 0;
    return this.#plan.inFlightMax - this.published * this.#plan.copies + this.delivered;
  };

  async #consume(queue: string): Promise<void> {
    const plan = this.#plan;
    const ack = encodeFrame(frameMethod, 1, encodeMethod('basic.ack', { multiple: true }));
    let acked = 0;
    const wire = await open(plan, async (client) => {
      if (plan.prefetch > 0) await client.call(1, 'basic.qos', { prefetchCount: plan.prefetch });
    });
    if (plan.ratePerSecond > 0) {
      wire.scanner.body = (block, offset) => {
        const nanoseconds = process.hrtime.bigint() - block.readBigUInt64BE(offset);
        this.#latencies.push(Number(nanoseconds) / 1_000);
      };
    }
    this.#consumers.push(wire.scanner);
    wire.read(() => {
      if (plan.prefetch > 0 && wire.scanner.deliveryTag - acked >= plan.ackEvery) {
        acked = wire.scanner.deliveryTag;
        const frame = Buffer.from(ack);
        frame.writeBigUInt64BE(BigInt(acked), ackTagOffset);
        wire.client.socket.write(frame);
      }
      if (this.#running && plan.ratePerSecond === 0) {
        for (const publisher of this.#publishers) publisher.pump(this.#room);
      }
    });
    // Not before the scanner reads: the first deliveries come in one piece with the answer.
    wire.client.send(1, 'basic.consume', {
      queue,
      consumerTag: 'load',
      noAck: plan.prefetch === 0,
      noWait: true,
    });
  }
}

async function run(): Promise<void> {
  const load = new Load(JSON.parse(process.argv[2] ?? '{}') as LoadPlan);
  await load.connect();
  process.on('message', (message) => {
    if (message === 'start') load.start();
    if (message === 'count') process.send?.(load.count());
    if (message === 'stop') {
      load.stop();
      process.disconnect();
    }
  });
  process.send?.('ready');
  await once(process, 'disconnect');
  process.exit(0);
}

if (process.argv[1] === new URL(import.meta.url).pathname) await run();
