// Logging in, and methods of the handshake that come out of turn.
import { encodeTable, type FieldTable } from '../wire/field-table.js';
import type { MethodArguments } from '../wire/method-table.js';
import type { PlayedConnection, Player } from './player.js';
import { type Script, script } from './script.js';

const capabilities = { authentication_failure_close: true };

/** A connection that has been told connection.start, which is not written down. */
async function started(player: Player): Promise<PlayedConnection> {
  const connection = player.unopened();
  await connection.client.next((item) => item.name === 'connection.start');
  connection.client.received.length = 0;
  return connection;
}

async function tuned(player: Player): Promise<PlayedConnection> {
  const connection = await started(player);
  connection.client.startOk();
  await connection.client.next((item) => item.name === 'connection.tune');
  connection.client.received.length = 0;
  return connection;
}

/** AMQPLAIN's response: a table without its length. */
function plainTable(fields: FieldTable): string {
  return encodeTable(fields).subarray(4).toString('latin1');
}

function logsIn(what: string, values: MethodArguments): Script {
  return script(`logging in by ${what}`, async (player) => {
    const connection = await started(player);
    connection.client.send(0, 'connection.start-ok', {
      clientProperties: { capabilities },
      locale: 'en_US',
      ...values,
    });
    const answer = await connection.client.next((item) => item.name !== 'connection.start');
    if (answer.name !== 'connection.tune') await connection.ended();
    else connection.client.received.splice(0, 1, { ...answer, arguments: {} });
  });
}

const plain = (what: string, response: string): Script => logsIn(what, { mechanism: 'PLAIN', response });
const amqPlain = (what: string, response: string): Script =>
  logsIn(`AMQPLAIN ${what}`, { mechanism: 'AMQPLAIN', response });

const logIn: Script[] = [
  amqPlain('with the right password', plainTable({ LOGIN: 'guest', PASSWORD: 'guest' })),
  amqPlain('with the wrong password', plainTable({ LOGIN: 'guest', PASSWORD: 'wrong' })),
  amqPlain('with an unknown user', plainTable({ LOGIN: 'nobody', PASSWORD: 'guest' })),
  amqPlain('with more than it asks for', plainTable({ X: 1, LOGIN: 'guest', PASSWORD: 'guest', Y: true })),
  amqPlain('without a password', plainTable({ LOGIN: 'guest' })),
  amqPlain('without a user', plainTable({ PASSWORD: 'guest' })),
  amqPlain('with a password that is a number', plainTable({ LOGIN: 'guest', PASSWORD: 5 })),
  amqPlain('with names in small letters', plainTable({ login: 'guest', password: 'guest' })),
  amqPlain('with nothing', ''),
  amqPlain('with a table cut short', plainTable({ LOGIN: 'guest', PASSWORD: 'guest' }).slice(0, -2)),
  amqPlain('with what is no table', 'guest guest'),
  plain('PLAIN with an identity', 'guest\0guest\0guest'),
  plain('PLAIN with a NUL at the end', '\0guest\0guest\0'),
  plain('PLAIN with an empty password', '\0guest\0'),
  plain('PLAIN with nothing', ''),
  logsIn('plain in small letters', { mechanism: 'plain', response: '\0guest\0guest' }),
  logsIn('no mechanism', { mechanism: '', response: '\0guest\0guest' }),
  logsIn('PLAIN in another language', { mechanism: 'PLAIN', response: '\0guest\0guest', locale: 'de_DE' }),
  logsIn('PLAIN without client properties', {
    mechanism: 'PLAIN',
    response: '\0guest\0guest',
    clientProperties: {},
  }),
];

function outOfTurn(
  what: string,
  at: (player: Player) => Promise<PlayedConnection>,
  name: string,
  values: MethodArguments = {},
  channel = 0,
): Script {
  return script(`${what} in the handshake`, async (player) => {
    const connection = await at(player);
    connection.client.send(channel, name, values);
    await connection.ended();
  });
}

const turns: Script[] = [
  outOfTurn('tune-ok before start-ok', started, 'connection.tune-ok', { channelMax: 1, frameMax: 8192 }),
  outOfTurn('open before start-ok', started, 'connection.open', { virtualHost: '/' }),
  outOfTurn('open before tune-ok', tuned, 'connection.open', { virtualHost: '/' }),
  outOfTurn('a second start-ok', tuned, 'connection.start-ok', { mechanism: 'PLAIN', locale: 'en_US' }),
  outOfTurn('close before start-ok', started, 'connection.close', { replyCode: 200 }),
  outOfTurn('close before tune-ok', tuned, 'connection.close', { replyCode: 200 }),
  outOfTurn('close-ok before start-ok', started, 'connection.close-ok'),
  outOfTurn('close-ok before tune-ok', tuned, 'connection.close-ok'),
  outOfTurn('secure-ok before tune-ok', tuned, 'connection.secure-ok', { response: 'r' }),
  outOfTurn('a secret renewed before tune-ok', tuned, 'connection.update-secret', {
    newSecret: 's',
    reason: 'r',
  }),
  outOfTurn('channel.open before start-ok', started, 'channel.open', {}, 1),
  outOfTurn('channel.open before open', tuned, 'channel.open', {}, 1),
  outOfTurn('queue.declare before start-ok', started, 'queue.declare', { queue: 'q' }),
  script('a second open', async (player) => {
    const connection = await player.connection();
    await connection.channel();
    connection.client.send(0, 'connection.open', { virtualHost: '/' });
    await connection.ended();
  }),
  script('tune-ok on an open connection', async (player) => {
    const connection = await player.connection();
    await connection.channel();
    connection.client.send(0, 'connection.tune-ok', { channelMax: 1, frameMax: 8192 });
    await connection.ended();
  }),
  script('a virtual host is named with a table of its own and insist', async (player) => {
    const connection = await tuned(player);
    connection.client.send(0, 'connection.tune-ok', { channelMax: 10, frameMax: 131_072 });
    connection.client.send(0, 'connection.open', { virtualHost: '/', reserved1: 'x', reserved2: true });
    await connection.client.next((item) => /open-ok|close/.test(item.name));
  }),
];

export const logInScripts: Script[] = [...logIn, ...turns];
