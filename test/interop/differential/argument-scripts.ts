// Every argument of a queue with every kind of value, for each type of queue that there is.
import type { FieldValue } from '../wire/field-table.js';
import { typed } from '../wire/field-table.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.argument';

/** What x-queue-master-locator and x-delivery-limit do with a wrong value is written in no error: left out. */
const names = [
  'x-expires',
  'x-message-ttl',
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-dead-letter-strategy',
  'x-max-length',
  'x-max-length-bytes',
  'x-max-priority',
  'x-overflow',
  'x-queue-mode',
  'x-queue-version',
  'x-single-active-consumer',
  'x-queue-type',
  'x-quorum-initial-group-size',
  'x-max-in-memory-length',
  'x-max-in-memory-bytes',
  'x-max-age',
  'x-stream-max-segment-size-bytes',
  'x-initial-cluster-size',
  'x-nobody-knows',
];

const values: FieldValue[] = [
  5,
  -1,
  0,
  300,
  'foo',
  '5',
  '',
  typed('l', 2 ** 40),
  typed('s', 7),
  typed('b', -7),
  typed('T', 5),
  typed('d', 1.5),
  null,
  ['x'],
  { a: 1 },
  true,
  false,
];

/** One connection for each argument: a refusal closes the channel alone. */
function asksFor(type: 'classic' | 'quorum', name: string): Script {
  return script(`the argument ${name} of a ${type} queue`, async (player) => {
    const connection = await player.connection();
    for (const value of values) {
      const channel = await connection.channel();
      const args = type === 'quorum' && name !== 'x-queue-type' ? { 'x-queue-type': type } : {};
      await channel.queue(q, { durable: true, arguments: { ...args, [name]: value } });
      const cleaner = await connection.channel();
      await cleaner.call('queue.delete', { queue: q });
    }
  });
}

const refusals: Script[] = names.flatMap((name) => [asksFor('classic', name), asksFor('quorum', name)]);

const order: Script[] = (
  [
    ['a type that is not known and a wrong value', { 'x-queue-type': 'wonder', 'x-message-ttl': -4 }],
    ['an argument of another type and a wrong value', { 'x-delivery-limit': 3, 'x-message-ttl': -4 }],
    ['two wrong values', { 'x-overflow': 'explode', 'x-expires': 0 }],
    ['three wrong values', { 'x-max-length': -1, 'x-max-priority': -1, 'x-dead-letter-exchange': 5 }],
  ] satisfies [string, Record<string, FieldValue>][]
).map(([what, args]) =>
  script(`declaring a queue with ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: args });
  }),
);

export const argumentScripts: Script[] = [...refusals, ...order];
