/** `warren tail KEY`: records as they are published, by binding key. */
import { once } from 'node:events';
import type { ConsumeMessage } from 'amqplib';
import { Command } from 'commander';
import { LOGS_EXCHANGE } from '../../agents/record.js';
import { connectBroker } from '../broker-connection.js';
import { brokerUrl } from '../configuration/urls.js';
import { OperatingError } from '../failure.js';
import { printable, recordLine } from '../record-line.js';
import { settingsOf, withSettings } from '../setting-flags.js';

/** A slow terminal never holds the pipeline: what it cannot take is dropped from its own queue's head. */
const TAIL_LENGTH_MAX = 10_000;

export function tailCommand(): Command {
  const command = new Command('tail')
    .description('print records as they are published')
    .argument('[keys...]', 'binding keys such as app.order.*, app.*.error, app.#', ['app.#'])
    .option('--json', 'print each record as it was sent, one a line')
    .option('--limit <count>', 'end after this many records', Number)
    .addHelpText('after', "\nExample:\n  warren tail 'app.order.*' 'app.*.error'")
    .action(tail);
  return withSettings(command, ['host', 'broker.url', 'broker.port']);
}

interface TailFlags {
  json?: boolean;
  limit?: number;
}

async function tail(keys: string[], flags: TailFlags): Promise<void> {
  const connection = await connectBroker(brokerUrl(settingsOf(flags)));
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', {
    exclusive: true,
    autoDelete: true,
    durable: false,
    arguments: { 'x-max-length': TAIL_LENGTH_MAX, 'x-overflow': 'drop-head' },
  });
  await channel.assertExchange(LOGS_EXCHANGE, 'topic', { durable: true });
  for (const key of keys) await channel.bindQueue(queue, LOGS_EXCHANGE, key);
  const stopped = new AbortController();
  let printed = 0;
  await channel.consume(
    queue,
    (message) => {
      if (message === null || stopped.signal.aborted) return;
      process.stdout.write(`${lineOf(message, flags.json === true)}\n`);
      printed += 1;
      if (printed === flags.limit) stopped.abort();
    },
    { noAck: true },
  );
  process.stderr.write(`Waiting for records of ${keys.join(', ')}; Ctrl-C ends\n`);
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  connection.on('error', () => undefined);
  const lost = once(connection, 'close').then(() => 'lost');
  const ended = once(stopped.signal, 'abort').then(() => 'stopped');
  if ((await Promise.race([lost, ended])) === 'lost') throw new OperatingError('the broker went away');
  await connection.close();
}

function lineOf({ content }: ConsumeMessage, json: boolean): string {
  const body = content.toString('utf8');
  if (json) return body.replaceAll('\n', ' ');
  try {
    return recordLine(JSON.parse(body));
  } catch {
    // A foreign publisher's plain text is a record too.
    return printable(body);
  }
}
