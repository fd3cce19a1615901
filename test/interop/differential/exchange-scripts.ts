// Declaring exchanges and binding, and where a message goes.
import type { FieldTable } from '../wire/field-table.js';
import { typed } from '../wire/field-table.js';
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

const x = 'warren.diff.exchange';
const q = 'warren.diff.routed';

function redeclares(what: string, first: FieldTable, second: FieldTable): Script {
  return script(`redeclaring an exchange with ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct', first);
    await channel.exchange(x, 'direct', second);
  });
}

async function topic(channel: PlayedChannel, bindingKeys: string[], routingKeys: string[]): Promise<void> {
  await channel.exchange(x, 'topic');
  for (const key of bindingKeys) {
    await channel.queue(`${q}.${key}`);
    await channel.bind(`${q}.${key}`, x, key);
  }
  for (const key of routingKeys) channel.publish(x, key, key);
  for (const key of bindingKeys) {
    while ((await channel.get(`${q}.${key}`)).name === 'basic.get-ok');
  }
}

function headersMatch(what: string, bindingArguments: FieldTable, messages: FieldTable[]): Script {
  return script(`a headers exchange matches ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.bind(q, 'amq.headers', '', bindingArguments);
    for (const [index, headers] of messages.entries()) {
      channel.publish('amq.headers', '', `message ${index}`, { headers });
    }
    channel.publish('amq.headers', '', 'without headers');
    while ((await channel.get(q)).name === 'basic.get-ok');
  });
}

const routing: Script[] = [
  script('a direct exchange routes by the whole key', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct');
    await channel.queue(q);
    await channel.bind(q, x, 'right');
    await channel.bind(q, x, 'right too');
    for (const key of ['right', 'wrong', 'right too', '', 'Right']) channel.publish(x, key, key);
    while ((await channel.get(q)).name === 'basic.get-ok');
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'right' });
    for (const key of ['right', 'right too']) channel.publish(x, key, key);
    while ((await channel.get(q)).name === 'basic.get-ok');
  }),
  script('a message bound for one queue twice arrives once', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'topic');
    await channel.queue(q);
    await channel.bind(q, x, 'a.*');
    await channel.bind(q, x, '*.b');
    await channel.bind(q, x, '#');
    await channel.bind(q, x, '#');
    channel.publish(x, 'a.b', 'once');
    await channel.get(q);
    await channel.get(q);
  }),
  script('a topic exchange matches words and their number', async (player) => {
    await topic(
      await player.channel(),
      [
        '#',
        '*',
        'a.*',
        'a.#',
        '#.b',
        '*.*',
        'a.#.b',
        '#.#',
        'a.*.#',
        '',
        '#.a.#',
        'a',
        '*.#.*',
        'a..b',
        'app.*.error',
      ],
      [
        '',
        'a',
        'b',
        'a.b',
        'a.c.b',
        'a.',
        '.b',
        'a..b',
        'a.b.c',
        'app.order.error',
        'x.a.y',
        '*',
        '#',
        'a.#',
      ],
    );
  }),
  script('exchanges are bound to exchanges, in a cycle as well', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct');
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.queue(q);
    await channel.call('exchange.bind', { source: x, destination: `${x}.2`, routingKey: 'k' });
    await channel.call('exchange.bind', { source: `${x}.2`, destination: x, routingKey: 'ignored' });
    await channel.bind(q, `${x}.2`);
    await channel.bind(q, x, 'k');
    channel.publish(x, 'k', 'one');
    channel.publish(`${x}.2`, 'k', 'two');
    channel.publish(x, 'other', 'three');
    while ((await channel.get(q)).name === 'basic.get-ok');
    await channel.call('exchange.unbind', { source: x, destination: `${x}.2`, routingKey: 'k' });
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'k' });
    channel.publish(x, 'k', 'four');
    await channel.get(q);
    await channel.call('exchange.unbind', { source: x, destination: `${x}.2`, routingKey: 'k' });
  }),
  script('an alternate exchange gets what was not routed', async (player) => {
    const channel = await player.channel();
    await channel.exchange(`${x}.rest`, 'fanout');
    await channel.exchange(x, 'direct', { arguments: { 'alternate-exchange': `${x}.rest` } });
    await channel.queue(q);
    await channel.bind(q, `${x}.rest`);
    channel.publish(x, 'nobody', 'rest', {}, { mandatory: true });
    await channel.get(q);
    await channel.call('queue.delete', { queue: q });
    channel.publish(x, 'nobody', 'lost', {}, { mandatory: true });
    await channel.receive();
  }),
  script('CC and BCC route as well, and BCC is taken off', async (player) => {
    const channel = await player.channel();
    for (const name of ['1', '2', '3']) await channel.queue(`${q}.${name}`);
    channel.publish('', `${q}.1`, 'to three', {
      headers: { CC: [`${q}.2`, `${q}.1`], BCC: [`${q}.3`], other: 'kept' },
    });
    for (const name of ['1', '2', '3']) await channel.get(`${q}.${name}`);
    await channel.get(`${q}.1`);
  }),
  script('CC that is not a list is refused', async (player) => {
    const channel = await player.channel();
    channel.publish('', q, 'x', { headers: { CC: 5 } });
  }),
  headersMatch('all by default', { a: 1, b: 'two' }, [
    { a: 1, b: 'two' },
    { a: 1 },
    { a: 1, b: 'two', c: 3 },
    { a: '1', b: 'two' },
    { a: typed('l', 1), b: 'two' },
    { a: typed('b', 1), b: 'two' },
    { a: typed('d', 1), b: 'two' },
  ]),
  headersMatch('any', { 'x-match': 'any', a: 1, b: 'two', 'x-c': 3 }, [
    { a: 1 },
    { b: 'two' },
    { a: 2, b: 'three' },
    { 'x-c': 3 },
    {},
  ]),
  headersMatch('any with x', { 'x-match': 'any-with-x', a: 1, 'x-c': 3 }, [
    { 'x-c': 3 },
    { 'x-c': 4 },
    { a: 1 },
  ]),
  headersMatch('all with x', { 'x-match': 'all-with-x', a: 1, 'x-c': 3 }, [{ a: 1 }, { a: 1, 'x-c': 3 }]),
  headersMatch('presence where the binding has no value', { a: null }, [{ a: 1 }, { a: null }, { b: 1 }]),
  headersMatch('everything without arguments', {}, [{ a: 1 }, {}]),
  headersMatch('nothing with any of none', { 'x-match': 'any' }, [{ a: 1 }, {}]),
  headersMatch('booleans, tables and lists', { a: true, b: ['x', 1], c: { d: 'e' } }, [
    { a: true, b: ['x', 1], c: { d: 'e' } },
    { a: true, b: ['x', 2], c: { d: 'e' } },
    { a: 1, b: ['x', 1], c: { d: 'e' } },
  ]),
  script('a binding with an unknown x-match is refused', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.bind(q, 'amq.headers', '', { 'x-match': "all or any I don't mind" });
  }),
  script('a binding with an x-match that is a number is refused', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.bind(q, 'amq.headers', '', { 'x-match': 23 });
  }),
];

const lifeCycle: Script[] = [
  script('the predeclared exchanges are there', async (player) => {
    const channel = await player.channel();
    for (const [name, type] of [
      ['amq.direct', 'direct'],
      ['amq.fanout', 'fanout'],
      ['amq.topic', 'topic'],
      ['amq.headers', 'headers'],
      ['amq.match', 'headers'],
    ] as const) {
      await channel.exchange(name, type, { durable: true });
    }
    await channel.exchange('', 'direct', { passive: true });
  }),
  redeclares('another durability', { durable: true }, { durable: false }),
  redeclares('another auto-delete', { autoDelete: false }, { autoDelete: true }),
  redeclares('another internal', { internal: false }, { internal: true }),
  redeclares('another alternate', {}, { arguments: { 'alternate-exchange': 'other' } }),
  redeclares('an alternate that is a number', {}, { arguments: { 'alternate-exchange': 5 } }),
  redeclares('a foreign argument', {}, { arguments: { mine: 1 } }),
  redeclares('another type', {}, { type: 'fanout' }),
  script('a predeclared exchange with another type is refused', async (player) => {
    await (await player.channel()).exchange('amq.direct', 'topic', { durable: true });
  }),
  script('an unknown exchange type closes the connection', async (player) => {
    await (await player.channel()).exchange(x, 'ZZwwInvalid');
  }),
  script('an alternate exchange that is a number is refused', async (player) => {
    await (await player.channel()).exchange(x, 'direct', { arguments: { 'alternate-exchange': 5 } });
  }),
  script('a missing exchange is not found by a passive declare', async (player) => {
    await (await player.channel()).exchange(x, 'direct', { passive: true });
  }),
  script('a reserved exchange name is refused', async (player) => {
    await (await player.channel()).exchange('amq.mine', 'direct');
  }),
  script('the default exchange is not declared', async (player) => {
    await (await player.channel()).exchange('', 'direct', { durable: true });
  }),
  script('the default exchange is not deleted', async (player) => {
    await (await player.channel()).call('exchange.delete', { exchange: '' });
  }),
  script('a predeclared exchange is not deleted', async (player) => {
    await (await player.channel()).call('exchange.delete', { exchange: 'amq.direct' });
  }),
  script('the default exchange is not bound', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.bind(q, '', 'k');
  }),
  script('the default exchange is not unbound', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('queue.unbind', { queue: q, exchange: '', routingKey: 'k' });
  }),
  script('a missing exchange is deleted all the same', async (player) => {
    await (await player.channel()).call('exchange.delete', { exchange: x });
  }),
  script('an exchange with a binding is not deleted if unused is asked for', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout');
    await channel.queue(q);
    await channel.bind(q, x);
    await channel.call('exchange.delete', { exchange: x, ifUnused: true });
  }),
  script('a publish to a missing exchange closes the channel and is not confirmed', async (player) => {
    const channel = await player.channel();
    await channel.call('confirm.select');
    channel.publish(x, 'k');
    await channel.closed();
  }),
  script('a publish to an internal exchange is refused', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout', { internal: true });
    channel.publish(x, 'k');
    await channel.closed();
  }),
  script('an auto-delete exchange goes with its last binding', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout', { autoDelete: true });
    await channel.queue(q);
    await channel.bind(q, x);
    await channel.bind(q, x, 'second');
    await channel.call('queue.unbind', { queue: q, exchange: x });
    await channel.exchange(x, 'fanout', { passive: true });
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'second' });
    await channel.exchange(x, 'fanout', { passive: true });
  }),
  script('an auto-delete exchange goes with its last bound queue', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout', { autoDelete: true });
    await channel.queue(q);
    await channel.bind(q, x);
    await channel.call('queue.delete', { queue: q });
    await channel.exchange(x, 'fanout', { passive: true });
  }),
  script('binding a missing source exchange to an exchange is refused', async (player) => {
    await (await player.channel()).call('exchange.bind', { source: x, destination: 'amq.fanout' });
  }),
  script('binding an exchange to a missing exchange is refused', async (player) => {
    await (await player.channel()).call('exchange.bind', { source: 'amq.fanout', destination: x });
  }),
  script('binding an exchange to the default exchange is refused', async (player) => {
    await (await player.channel()).call('exchange.bind', { source: 'amq.fanout', destination: '' });
  }),
];

export const exchangeScripts: Script[] = [...routing, ...lifeCycle];
