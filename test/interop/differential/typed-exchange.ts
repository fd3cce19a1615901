// What the scripts of the exchange types have in common: an exchange, and queues that are bound to it.
import type { FieldTable } from '../wire/field-table.js';
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

export const x = 'warren.diff.typed';
export const q = 'warren.diff.typed-queue';

/** Gets all that is in the queues. */
export async function drain(channel: PlayedChannel, ...queues: string[]): Promise<void> {
  for (const queue of queues) while ((await channel.get(queue)).name === 'basic.get-ok');
}

/** Queues bound to `x`, one for each binding key, and their names. */
export async function bindAll(channel: PlayedChannel, keys: string[]): Promise<string[]> {
  const queues = keys.map((_, index) => `${q}.${index + 1}`);
  for (const [index, queue] of queues.entries()) {
    await channel.queue(queue);
    await channel.bind(queue, x, keys[index]);
  }
  return queues;
}

/** Publishes to `x`, each message with a key of its own. */
export function publishKeys(channel: PlayedChannel, count = 40): void {
  for (let key = 0; key < count; key += 1) channel.publish(x, `key ${key}`, `${key}`);
}

/** A declaration with arguments that a type of exchange does not take. */
export function refuses(type: string, what: string, args: FieldTable): Script {
  return script(`${type} with ${what}`, async (player) => {
    await (await player.channel()).exchange(x, type, { arguments: args });
  });
}
