// Scripts made at random, the same ones in every run: long sequences of ordinary operations on a few queues
// and exchanges, without errors. What RabbitMQ leaves open is left out: the message count of a declare (it may
// overtake publishes), the end of a channel, and anything between two queues that takes its own time.
import { randomNumbers } from '../random-numbers.js';
import type { PlayedChannel, Player } from './player.js';
import { type Script, script } from './script.js';

const queues = ['warren.diff.g1', 'warren.diff.g2', 'warren.diff.g3'];
const exchanges: Array<[name: string, type: string]> = [
  ['warren.diff.gd', 'direct'],
  ['warren.diff.gf', 'fanout'],
  ['warren.diff.gt', 'topic'],
  ['warren.diff.gh', 'headers'],
];
const words = ['a', 'b', '', 'a.b', 'b.a', 'a.b.a'];
const patterns = [...words, '#', '*', 'a.*', '#.a', '*.#'];
const operationCount = 60;

class Generated {
  readonly #random: (limit: number) => number;
  readonly #channel: PlayedChannel;
  #unacked: number[] = [];
  #published = 0;

  constructor(channel: PlayedChannel, seed: number) {
    this.#channel = channel;
    this.#random = randomNumbers(seed);
  }

  async play(): Promise<void> {
    for (const [name, type] of exchanges) await this.#channel.exchange(name, type);
    for (const queue of queues) await this.#declare(queue);
    for (let index = 0; index < operationCount; index += 1) await this.#operation();
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#random(of.length)] as T;
  }

  async #operation(): Promise<void> {
    const queue = this.#one(queues);
    const choice = this.#random(30);
    if (choice < 12) return this.#publish();
    if (choice < 18) return this.#get(queue);
    if (choice < 22) return this.#settle();
    if (choice < 27) return this.#bind(queue, 'queue.bind');
    if (choice < 28) return this.#bind(queue, 'queue.unbind');
    if (choice < 29) {
      await this.#channel.call('queue.purge', { queue });
      return;
    }
    await this.#channel.call('queue.delete', { queue });
    await this.#declare(queue);
  }

  async #declare(queue: string): Promise<void> {
    const limited = this.#random(3) === 0;
    await this.#channel.queue(queue, { arguments: limited ? { 'x-max-length': 3 } : {} });
  }

  async #bind(queue: string, method: 'queue.bind' | 'queue.unbind'): Promise<void> {
    const [exchange, type] = this.#one(exchanges);
    const routingKey = this.#one(patterns);
    const matching = {
      'x-match': this.#one(['all', 'any']),
      level: this.#one([1, 2]),
      kind: this.#one(['x', 'y']),
    };
    const args = type === 'headers' ? matching : {};
    await this.#channel.call(method, { queue, exchange, routingKey, arguments: args });
  }

  async #publish(): Promise<void> {
    const [exchange] = this.#one([...exchanges, ...exchanges, ['', ''] as [string, string]]);
    const routingKey = exchange === '' ? this.#one(queues) : this.#one(words);
    this.#published += 1;
    const headers = { level: this.#one([1, 2, 3]), kind: this.#one(['x', 'y', 'z']) };
    this.#channel.publish(exchange, routingKey, `message ${this.#published}`, {
      headers,
      deliveryMode: 1 + this.#random(2),
    });
    await this.#channel.settle();
  }

  async #get(queue: string): Promise<void> {
    const noAck = this.#random(2) === 0;
    const reply = await this.#channel.get(queue, noAck);
    if (reply.name === 'basic.get-ok' && !noAck) this.#unacked.push(Number(reply.arguments['deliveryTag']));
  }

  async #settle(): Promise<void> {
    const deliveryTag = this.#unacked.splice(this.#random(Math.max(1, this.#unacked.length)), 1)[0];
    if (deliveryTag === undefined) return;
    const multiple = this.#random(4) === 0;
    if (multiple) this.#unacked = this.#unacked.filter((tag) => tag > deliveryTag);
    const [method, requeue] = this.#one([
      ['basic.ack', false],
      ['basic.nack', true],
      ['basic.nack', false],
    ] as const);
    this.#channel.send(method, { deliveryTag, multiple, requeue });
    await this.#channel.settle();
  }
}

export const generatedScripts: Script[] = Array.from({ length: 30 }, (_, seed) =>
  script(`ordinary operations at random, number ${seed + 1}`, async (player: Player) => {
    await new Generated(await player.channel(), seed + 1).play();
  }),
);
