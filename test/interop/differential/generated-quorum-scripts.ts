// Scripts made at random, the same ones in every run: ordinary operations on one quorum queue. RabbitMQ lets a
// basic.get overtake publishes and acks, so that each of these is waited for by the confirm of a publish. What
// goes to the queue of its dead letters takes its own time: it is looked at in other scripts.
import { randomNumbers } from '../random-numbers.js';
import type { FieldTable } from '../wire/field-table.js';
import type { PlayedChannel } from './player.js';
import { declared, q } from './quorum-queue.js';
import { type Script, script } from './script.js';

const operationCount = 80;

class Generated {
  readonly #random: (limit: number) => number;
  readonly #channel: PlayedChannel;
  #unacked: number[] = [];
  #published = 0;

  constructor(channel: PlayedChannel, random: (limit: number) => number) {
    this.#channel = channel;
    this.#random = random;
  }

  async play(): Promise<void> {
    await this.#channel.call('confirm.select');
    for (let index = 0; index < operationCount; index += 1) await this.#operation();
  }

  async #operation(): Promise<void> {
    const choice = this.#random(20);
    if (choice < 5) await this.#publish();
    else if (choice < 13) await this.#get();
    else if (choice < 19) await this.#settle();
    else await this.#channel.call('queue.purge', { queue: q });
  }

  async #publish(): Promise<void> {
    this.#published += 1;
    const properties = { deliveryMode: 1 + this.#random(2), priority: this.#random(5) };
    this.#channel.publish('', q, `message ${this.#published}`, properties);
    await this.#channel.receive();
  }

  async #get(): Promise<void> {
    const noAck = this.#random(3) === 0;
    const reply = await this.#channel.get(q, noAck);
    if (reply.name === 'basic.get-ok' && !noAck) this.#unacked.push(Number(reply.arguments['deliveryTag']));
  }

  async #settle(): Promise<void> {
    const deliveryTag = this.#unacked.splice(this.#random(Math.max(1, this.#unacked.length)), 1)[0];
    if (deliveryTag === undefined) return;
    const multiple = this.#random(4) === 0;
    if (multiple) this.#unacked = this.#unacked.filter((tag) => tag > deliveryTag);
    const how = this.#random(4);
    if (how === 0) this.#channel.send('basic.ack', { deliveryTag, multiple });
    else this.#channel.send('basic.nack', { deliveryTag, multiple, requeue: how > 1 });
    await this.#publish();
  }
}

export const generatedQuorumScripts: Script[] = Array.from({ length: 20 }, (_, index) => {
  const seed = 1_000 + index;
  return script(`operations on a quorum queue at random, number ${index + 1}`, async (player) => {
    const random = randomNumbers(seed);
    const args: FieldTable = { 'x-delivery-limit': 1 + random(4) };
    if (random(2) === 0) args['x-max-length'] = 3 + random(3);
    await new Generated(await declared(player, args), random).play();
  });
});
