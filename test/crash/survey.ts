// A look at all that is in the queues after a crash: everything is taken at once and put back where it was.
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { until } from '../until.js';
import { identify } from './crash-message.js';
import { BOUNDED, BOUNDED_LENGTH, QUEUES } from './crash-topology.js';
import type { Found, Ledger } from './ledger.js';
import { LedgerChannel } from './ledger-channel.js';
import type { TopologyChanges } from './topology-changes.js';

/** A queue longer than this is shortened, so that the last round is as fast as the first. */
const LENGTH_MAX = 200;

/** Checks what is there against the ledger, and makes what is too long shorter. */
export async function survey(url: string, ledger: Ledger, changes: TopologyChanges): Promise<void> {
  const connection = await connect(url, { noDelay: true });
  const found = await takeStock(connection);
  ledger.reconcile([...found.values()].flat());
  const bounded = found.get(BOUNDED)?.length ?? 0;
  if (bounded > BOUNDED_LENGTH) ledger.violate(`${bounded} messages are in ${BOUNDED}`);
  for (const wrong of await changes.check(connection)) ledger.violate(wrong);
  await connection.close();
  const long = [...found].filter(([, all]) => all.length > LENGTH_MAX);
  if (long.length > 0) await shorten(url, ledger, new Map(long.map(([queue, all]) => [queue, all.length])));
}

/** Every message in every queue, each queue in its order. A queue that is not there has none. */
async function takeStock(connection: ChannelModel): Promise<Map<string, Found[]>> {
  const channel = await connection.createChannel();
  const found = new Map<string, Found[]>();
  const declared = await declaredOf(connection);
  for (const queue of declared) {
    const all: Found[] = [];
    found.set(queue, all);
    await channel.consume(queue, (message) => {
      const { content, properties, fields } = message as NonNullable<typeof message>;
      all.push(identify(queue, content, properties.headers ?? {}, fields.redelivered));
    });
  }
  // All queues are consumed, so that what dies meanwhile is seen where it goes.
  for (const queue of declared) await until(`${queue} is empty`, () => isEmpty(channel, queue));
  for (const queue of declared) await isEmpty(channel, queue);
  await channel.close();
  return found;
}

async function isEmpty(channel: Channel, queue: string): Promise<true | undefined> {
  return (await channel.checkQueue(queue)).messageCount === 0 ? true : undefined;
}

/** A broker killed in its first round may not have them all yet. */
async function declaredOf(connection: ChannelModel): Promise<string[]> {
  const there: string[] = [];
  for (const { name } of QUEUES) {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    const checked = await channel.checkQueue(name).catch(() => undefined);
    if (checked === undefined) continue;
    there.push(name);
    await channel.close();
  }
  return there;
}

/** Acks the first half of what is in some queues. */
async function shorten(url: string, ledger: Ledger, lengths: ReadonlyMap<string, number>): Promise<void> {
  const channel = await LedgerChannel.open(url, ledger, 'survey');
  for (const [queue, length] of lengths) {
    await channel.takeFirst(queue, Math.floor(length / 2));
  }
  channel.barrier();
  await channel.channel.waitForConfirms();
  await channel.close();
}
