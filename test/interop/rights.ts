// What somebody who logs in may do, tried with amqplib.
import amqplib, { type Channel, type ChannelModel } from 'amqplib';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function logIn(
  { host: hostname, port }: Address,
  password: string,
  username = 'whoever',
): Promise<ChannelModel> {
  const credentials = { username, password };
  return amqplib.connect({ protocol: 'amqp', hostname, port, ...credentials }).then((connection) => {
    connection.on('error', () => undefined);
    return connection;
  });
}

/** Each on a channel of its own, which a refusal closes. */
const ACTIONS: Readonly<Record<string, (channel: Channel) => Promise<unknown>>> = {
  'declare app-queue': (channel) => channel.assertQueue('app-queue', { durable: false }),
  'declare other': (channel) => channel.assertQueue('other', { durable: false }),
  'consume app-queue': (channel) => channel.consume('app-queue', () => undefined, { noAck: true }),
  'bind app-queue to amq.topic by app.a': (channel) => channel.bindQueue('app-queue', 'amq.topic', 'app.a'),
  'bind app-queue to amq.topic by sys.a': (channel) => channel.bindQueue('app-queue', 'amq.topic', 'sys.a'),
  'bind app-queue to amq.direct': (channel) => channel.bindQueue('app-queue', 'amq.direct', 'k'),
  'publish to amq.topic by app.a': (channel) => publish(channel, 'amq.topic', 'app.a'),
  'publish to amq.topic by sys.a': (channel) => publish(channel, 'amq.topic', 'sys.a'),
  'publish to amq.direct': (channel) => publish(channel, 'amq.direct', 'k'),
  'publish to the default exchange': (channel) => publish(channel, '', 'app-queue'),
};

async function publish(channel: Channel, exchange: string, key: string): Promise<void> {
  channel.publish(exchange, key, Buffer.from('x'));
  // Answered after what was published, or by the channel's end.
  await channel.prefetch(1);
}

/** What somebody may do: `done`, or the code of the refusal. */
export async function outcomes(
  address: Address,
  password: string,
  username?: string,
): Promise<Record<string, string>> {
  const connection = await logIn(address, password, username).catch((error: Error) => error.message);
  if (typeof connection === 'string') return { 'log in': /(\d{3})/.exec(connection)?.[1] ?? connection };
  const results: Record<string, string> = { 'log in': 'done' };
  for (const [name, action] of Object.entries(ACTIONS)) {
    const channel = await connection.createChannel();
    const refused = new Promise<string>((resolve) => {
      channel.on('error', (error: Error) => resolve(/(\d{3})/.exec(error.message)?.[1] ?? error.message));
    });
    results[name] = await Promise.race([
      refused,
      action(channel).then(
        () => 'done',
        () => refused,
      ),
    ]);
  }
  await connection.close();
  return results;
}
