// The quorum queue that scripts play with, and the queue of its dead letters. Its delivery limit is always
// given: RabbitMQ 3.10 has none where it is not, and 4 has 20.
import type { FieldTable } from '../wire/field-table.js';
import type { PlayedChannel, Player } from './player.js';

export const q = 'warren.diff.quorum';
const dead = 'warren.diff.quorum.dead';
export const quorum: FieldTable = { 'x-queue-type': 'quorum', 'x-delivery-limit': 9 };

/** A channel with a quorum queue whose dead letters go to another. */
export async function declared(player: Player, args: FieldTable = {}): Promise<PlayedChannel> {
  const channel = await player.channel();
  await channel.queue(dead, { durable: true });
  const letters: FieldTable = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead };
  await channel.queue(q, { durable: true, arguments: { ...quorum, ...letters, ...args } });
  return channel;
}

export async function filled(player: Player, bodies: string, args: FieldTable = {}): Promise<PlayedChannel> {
  const channel = await declared(player, args);
  for (const body of bodies) channel.publish('', q, body);
  await player.untilReady(q, bodies.length);
  return channel;
}

export async function showDead(player: Player, channel: PlayedChannel, count: number): Promise<void> {
  await player.untilReady(dead, count);
  for (let index = 0; index < count; index += 1) await channel.get(dead);
  await channel.get(dead);
}
