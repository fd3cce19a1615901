// A client that makes and takes away durable exchanges, queues and bindings, one step after the other, and
// knows after a crash what must be there. The step that was not answered may have been done or not.
import type { ChannelModel, ConfirmChannel } from 'amqplib';

const PLACES = 4;

type Thing = 'exchange' | 'queue' | 'binding';

interface Place {
  readonly name: string;
  exchange: boolean;
  queue: boolean;
  binding: boolean;
}

export class TopologyChanges {
  steps = 0;
  readonly #places: Place[] = Array.from({ length: PLACES }, (_, index) => ({
    name: `crash.place.${index}`,
    exchange: false,
    queue: false,
    binding: false,
  }));
  /** What was asked for and not answered. */
  #pending: { place: Place; thing: Thing } | undefined;

  /** Makes changes until the connection is gone. */
  async run(connection: ChannelModel, random: (limit: number) => number): Promise<void> {
    connection.on('error', () => undefined);
    let alive = true;
    const ended = new Promise<void>((resolve) => connection.once('close', resolve));
    void ended.then(() => {
      alive = false;
    });
    try {
      const channel = await connection.createConfirmChannel();
      channel.on('error', () => undefined);
      while (alive) await this.#change(channel, random);
    } catch (error) {
      // The end of the connection fails what is under way.
      if (alive) await Promise.race([ended, connection.close()]);
      if (!/clos|ended/i.test(String(error))) throw error;
    }
    await ended;
  }

  async #change(channel: ConfirmChannel, random: (limit: number) => number): Promise<void> {
    const place = this.#places[random(PLACES)] as Place;
    const thing = (['exchange', 'queue', 'binding'] as const)[random(3)] as Thing;
    if (thing === 'binding' && !(place.exchange && place.queue)) return;
    // One at a time: what goes with an exchange or a queue is taken away first.
    const changed = thing !== 'binding' && place.binding ? 'binding' : thing;
    this.#pending = { place, thing: changed };
    await this.#toggle(channel, place, changed);
    place[changed] = !place[changed];
    this.#pending = undefined;
    this.steps++;
  }

  async #toggle(channel: ConfirmChannel, place: Place, thing: Thing): Promise<void> {
    const { name } = place;
    const there = place[thing];
    if (thing === 'exchange') {
      if (there) await channel.deleteExchange(name);
      else await channel.assertExchange(name, 'fanout', { durable: true });
    } else if (thing === 'binding') {
      if (there) await channel.unbindQueue(name, name, '');
      else await channel.bindQueue(name, name, '');
    } else if (there) {
      await channel.deleteQueue(name);
    } else {
      const { messageCount } = await channel.assertQueue(name, { durable: true });
      if (messageCount !== 0) throw new Error(`${name} is new and has ${messageCount} messages`);
      // What goes with the queue must not come back with the next of its name.
      channel.sendToQueue(name, Buffer.from('in the way'), { persistent: true });
      await channel.waitForConfirms();
    }
  }

  /** What is not as it must be, in words. Goes on from what is there. */
  async check(connection: ChannelModel): Promise<string[]> {
    const wrong: string[] = [];
    for (const place of this.#places) {
      const exchange = await exists(connection, (channel) => channel.checkExchange(place.name));
      const queue = await exists(connection, (channel) => channel.checkQueue(place.name));
      const binding = exchange && (await routes(connection, place.name));
      const found = { exchange, queue, binding };
      for (const thing of ['exchange', 'queue', 'binding'] as const) {
        const open = this.#pending?.place === place && this.#pending.thing === thing;
        if (!open && found[thing] !== place[thing]) {
          wrong.push(`the ${thing} ${place.name} is ${found[thing] ? 'there' : 'missing'}`);
        }
        place[thing] = found[thing];
      }
    }
    this.#pending = undefined;
    return wrong;
  }
}

async function exists(
  connection: ChannelModel,
  check: (channel: ConfirmChannel) => Promise<unknown>,
): Promise<boolean> {
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  try {
    await check(channel);
    await channel.close();
    return true;
  } catch (error) {
    if (String(error).includes('NOT_FOUND')) return false;
    throw error;
  }
}

/** Whether anything is bound to the exchange. */
async function routes(connection: ChannelModel, exchange: string): Promise<boolean> {
  const channel = await connection.createConfirmChannel();
  let routed = true;
  channel.on('return', () => {
    routed = false;
  });
  channel.publish(exchange, '', Buffer.from('?'), { mandatory: true, persistent: false });
  await channel.waitForConfirms();
  await channel.close();
  return routed;
}
