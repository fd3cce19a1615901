// Scripts made at random, the same ones in every run, on several channels of one connection: consumers with
// and without acks, prefetch, settlements of all kinds, confirms, transactions, dead letters, bindings between
// exchanges, alternates, priorities, and errors that close their channel, which is then opened again.
//
// Each operation is over, and all that it brings has come, before the next begins. What RabbitMQ leaves open
// is left out: who of several consumers is served first (a queue has one at most), the order among queues that
// deliver to one channel (a channel consumes from one at most) or die into one queue (one queue has a
// dead-letter exchange), confirms and commits among deliveries (who publishes with them consumes nothing, but
// gets), and a prefetch for the channel as a whole, whose credit takes its own time.
import { randomNumbers } from '../random-numbers.js';
import type { FieldTable } from '../wire/field-table.js';
import type { MethodArguments } from '../wire/method-table.js';
import { GeneratedChannel, type Mode } from './generated-channel.js';
import type { Player } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.c';
const dead = `${q}.dead`;
const kinds: Array<[queue: string, args: FieldTable]> = [
  [dead, {}],
  [`${q}1`, { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead, 'x-max-length': 6 }],
  [`${q}2`, { 'x-max-length': 3 }],
  [`${q}3`, { 'x-max-priority': 3 }],
  [`${q}4`, { 'x-max-length': 2, 'x-overflow': 'reject-publish' }],
];
const queues = kinds.map(([queue]) => queue);
const exchanges: Array<[name: string, type: string, alternate?: string]> = [
  [`${q}.direct`, 'direct', `${q}.fanout`],
  [`${q}.topic`, 'topic'],
  [`${q}.headers`, 'headers', `${q}.topic`],
  [`${q}.fanout`, 'fanout'],
];
const keys = ['a', 'b', 'a.b', ''];
const patterns = [...keys, '#', '*', 'a.#', '*.b'];
const operationCount = 45;

const errors: Array<[name: string, values: MethodArguments]> = [
  ['queue.declare', { queue: `${q}1`, durable: true }],
  ['queue.declare', { queue: `${q}1`, arguments: { 'x-max-length': 7 } }],
  ['queue.declare', { queue: `${q}2`, arguments: { 'x-max-length': '3' } }],
  ['exchange.declare', { exchange: `${q}.topic`, type: 'fanout' }],
  ['exchange.declare', { exchange: `${q}.direct`, type: 'direct' }],
  ['basic.get', { queue: 'warren.diff.absent' }],
  ['queue.bind', { queue: `${q}1`, exchange: 'warren.diff.absent' }],
];

class Generated {
  readonly #random: (limit: number) => number;
  readonly #channels: GeneratedChannel[];
  #published = 0;

  constructor(channels: GeneratedChannel[], random: (limit: number) => number) {
    this.#channels = channels;
    this.#random = random;
  }

  async play(): Promise<void> {
    const [{ channel }] = this.#channels as [GeneratedChannel];
    for (const [name, type, alternate] of exchanges) {
      await channel.exchange(name, type, { arguments: alternate ? { 'alternate-exchange': alternate } : {} });
    }
    for (const [queue, args] of kinds) await channel.queue(queue, { arguments: args });
    for (const one of this.#channels) await one.select();
    for (let index = 0; index < operationCount; index += 1) {
      const acting = this.#one(this.#channels);
      await this.#operation(acting);
      await acting.settle(queues);
      await Promise.all(this.#channels.map((one) => one.settle(queues)));
    }
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#random(of.length)] as T;
  }

  async #operation(acting: GeneratedChannel): Promise<void> {
    const choice = this.#random(40);
    if (choice < 14) return this.#publish(acting);
    if (choice < 18) return acting.get(this.#one(queues), this.#random(2) === 0);
    if (choice < 24) return this.#resolve(acting);
    if (choice < 29 && acting.mode === 'plain') return this.#consume(acting);
    if (choice < 34) return this.#bind(acting);
    if (choice < 36 && acting.mode === 'transaction') {
      return acting.end(this.#random(3) === 0 ? 'tx.rollback' : 'tx.commit');
    }
    await acting.call(...this.#rare());
  }

  #rare(): [name: string, values: MethodArguments] {
    const queue = this.#one(queues);
    switch (this.#random(5)) {
      case 0:
        return ['queue.purge', { queue }];
      case 1:
        return ['basic.recover', { requeue: true }];
      case 2:
        return ['queue.delete', { queue: 'warren.diff.absent', ifEmpty: true }];
      case 3:
        return ['queue.declare', { queue, passive: true }];
      default:
        return this.#one(errors);
    }
  }

  async #publish({ channel, mode }: GeneratedChannel): Promise<void> {
    const exchange = this.#random(4) === 0 ? '' : this.#one(exchanges)[0];
    const routingKey = exchange === '' ? this.#one([...queues, 'warren.diff.absent']) : this.#one(keys);
    this.#published += 1;
    const headers: FieldTable = { level: this.#one([1, 2, 3]) };
    if (this.#random(6) === 0) headers['CC'] = [this.#one(keys)];
    const properties = { headers, priority: this.#random(5), deliveryMode: 1 + this.#random(2) };
    const mandatory = this.#random(2) === 0;
    const { client } = channel.connection;
    const from = client.received.length;
    channel.publish(exchange, routingKey, `message ${this.#published}`, properties, { mandatory });
    if (mode !== 'confirms') return;
    await client.next((item) => item.channel === channel.number && /^basic\.n?ack$/.test(item.name), from);
  }

  #resolve(acting: GeneratedChannel): void {
    const unknown = this.#random(25) === 0;
    const tag = unknown ? 9999 : this.#one(acting.unacked);
    if (tag === undefined) return;
    const [method, requeue] = this.#one([
      ['basic.ack', false],
      ['basic.ack', false],
      ['basic.nack', true],
      ['basic.nack', false],
      ['basic.reject', true],
      ['basic.reject', false],
    ] as const);
    acting.resolve(method, tag, method !== 'basic.reject' && this.#random(3) === 0, requeue);
  }

  async #consume(acting: GeneratedChannel): Promise<void> {
    if (acting.consumed !== undefined) {
      await acting.call('basic.cancel', { consumerTag: acting.consumed.queue });
      acting.consumed = undefined;
      return;
    }
    const free = queues.filter((queue) => this.#channels.every(({ consumed }) => consumed?.queue !== queue));
    const queue = this.#one(free);
    const noAck = this.#random(3) === 0;
    await acting.call('basic.qos', { prefetchCount: this.#random(4) });
    acting.consumed = { queue, noAck };
    await acting.call('basic.consume', { queue, consumerTag: queue, noAck });
  }

  async #bind(acting: GeneratedChannel): Promise<void> {
    const [source, type] = this.#one(exchanges);
    const values = {
      routingKey: this.#one(patterns),
      arguments: type === 'headers' ? { 'x-match': 'any', level: this.#one([1, 2]) } : {},
    };
    const unbinds = this.#random(4) === 0;
    if (this.#random(3) === 0) {
      const [destination] = this.#one(exchanges);
      await acting.call(unbinds ? 'exchange.unbind' : 'exchange.bind', { source, destination, ...values });
    } else {
      const queue = this.#one(queues);
      await acting.call(unbinds ? 'queue.unbind' : 'queue.bind', { queue, exchange: source, ...values });
    }
  }
}

const modes: Mode[] = ['plain', 'plain', 'confirms', 'transaction'];

export const generatedChannelScripts: Script[] = Array.from({ length: 80 }, (_, seed) =>
  script(`operations on several channels at random, number ${seed + 1}`, async (player: Player) => {
    const connection = await player.connection();
    const channels: GeneratedChannel[] = [];
    for (const mode of modes) channels.push(new GeneratedChannel(await connection.channel(), mode));
    await new Generated(channels, randomNumbers(1000 + seed)).play();
  }),
);
