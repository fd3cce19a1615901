/** `warren broker publish`, `get`, `browse`. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { OperatingError, UsageError } from '../../failure.js';
import { pairFrom, wholeNumberFrom } from '../../management/definition.js';
import { ManagementError } from '../../management/management-client.js';
import { type Given, managementCommand, printLine, word } from '../../management/management-command.js';

interface PublishFlags {
  exchange: string;
  routingKey: string;
  payload?: string;
  file?: string;
  property: string[];
  header: string[];
  transient?: boolean;
}

interface GetFlags {
  count: string;
  remove?: boolean;
  offset?: string;
  json?: boolean;
}

/** A message as the API gives it. */
interface Message {
  offset?: number;
  exchange: string;
  routing_key: string;
  redelivered?: boolean;
  properties: Record<string, unknown>;
  payload: string;
  payload_encoding: string;
}

/** The name that stands for the default exchange in a path. */
const DEFAULT_EXCHANGE = 'amq.default';
const PERSISTENT = 2;

const QUEUE = [['<queue>', 'the name of the queue']] as const;
const LOOK_OPTIONS = [
  ['--count <count>', 'at most so many', '1'],
  ['--json', 'print them as a JSON array'],
] as const;

export function messageCommands(): Command[] {
  return [publishCommand(), getCommand(), browseCommand()];
}

function publishCommand(): Command {
  return managementCommand<PublishFlags>(
    {
      name: 'publish',
      about: 'publish one message; fails when no queue takes it',
      example: "publish --exchange shop --routing-key shop.order --payload '{\"id\":1}'",
      options: [
        ['--exchange <name>', 'the exchange; otherwise the routing key is a queue', ''],
        ['--routing-key <key>', 'the routing key', ''],
        ['--payload <text>', 'the body; otherwise it is read from --file or standard input'],
        ['--file <file>', 'the body, octet by octet'],
        ['--transient', 'not persistent'],
      ],
      repeatable: [
        ['--property <key=value>', 'a property, such as content_type=text/plain; may be repeated'],
        ['--header <key=value>', 'a header, its value as JSON where it is JSON; may be repeated'],
      ],
      inVirtualHost: true,
    },
    publish,
  );
}

async function publish({ client, flags, virtualHost, say }: Given<PublishFlags>): Promise<void> {
  const { exchange, routingKey } = flags;
  const headers = Object.fromEntries(flags.header.map((pair) => pairFrom(pair, '--header')));
  const { body } = await client.ask({
    method: 'POST',
    path: ['exchanges', virtualHost, exchange === '' ? DEFAULT_EXCHANGE : exchange, 'publish'],
    body: {
      properties: {
        ...(!flags.transient && { delivery_mode: PERSISTENT }),
        ...(flags.header.length > 0 && { headers }),
        ...Object.fromEntries(flags.property.map((pair) => pairFrom(pair, '--property'))),
      },
      routing_key: routingKey,
      payload: (await payloadFrom(flags)).toString('base64'),
      payload_encoding: 'base64',
    },
    what: `exchange '${exchange}' in the virtual host '${virtualHost}'`,
  });
  if ((body as { routed?: boolean }).routed !== true) {
    throw new OperatingError(
      `no queue took the message: nothing is bound for the routing key '${routingKey}'`,
    );
  }
  say('The message is routed');
}

async function payloadFrom({ payload, file }: PublishFlags): Promise<Buffer> {
  if (payload !== undefined && file !== undefined) throw new UsageError('publish: --payload or --file, not both');
  if (payload !== undefined) return Buffer.from(payload);
  if (file === undefined || file === '-') return await buffer(process.stdin);
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--file: ${file} cannot be read (${code})`, { cause: error });
  }
}

function getCommand(): Command {
  return managementCommand<GetFlags>(
    {
      name: 'get',
      about: 'fetch messages from the head of a queue, and put them back',
      example: 'get orders --count 3',
      arguments: QUEUE,
      options: [...LOOK_OPTIONS, ['--remove', 'do not put them back: they are gone']],
      inVirtualHost: true,
    },
    async (given) => {
      const ackmode = given.flags.remove ? 'ack_requeue_false' : 'ack_requeue_true';
      show(await fetchMessages(given, { ackmode }), given.flags);
    },
  );
}

function browseCommand(): Command {
  return managementCommand<GetFlags>(
    {
      name: 'browse',
      about: "look at messages and leave the queue as it is; of Warren's broker only",
      example: 'browse orders --count 3 --offset 1000',
      arguments: QUEUE,
      options: [...LOOK_OPTIONS, ['--offset <number>', 'pass over so many messages first', '0']],
      inVirtualHost: true,
    },
    async (given) => {
      const offset = wholeNumberFrom(given.flags.offset ?? '0', '--offset', 0);
      try {
        show(await fetchMessages(given, { ackmode: 'browse', offset }), given.flags);
      } catch (error) {
        throw (await isForeign(error, given)) ? cannotBrowse(error, word(given.words, 0)) : error;
      }
    },
  );
}

async function fetchMessages(
  { client, words, flags, virtualHost }: Given<GetFlags>,
  how: Record<string, unknown>,
): Promise<Message[]> {
  const queue = word(words, 0);
  const { body } = await client.ask({
    method: 'POST',
    path: ['queues', virtualHost, queue, 'get'],
    body: { count: wholeNumberFrom(flags.count, '--count', 1), encoding: 'auto', ...how },
    what: `queue '${queue}' in the virtual host '${virtualHost}'`,
  });
  return body as Message[];
}

/** RabbitMQ does not know the mode, and answers it with 500. */
async function isForeign(error: unknown, { client }: Given<GetFlags>): Promise<boolean> {
  if (!(error instanceof ManagementError) || ![400, 500].includes(error.status)) return false;
  return (await client.get<{ product_name?: string }>(['overview'])).product_name !== 'Warren';
}

function cannotBrowse(cause: unknown, queue: string): OperatingError {
  return new OperatingError(
    `this broker cannot show messages without delivering them; warren broker get ${queue} fetches them and puts them back`,
    { cause },
  );
}

function show(messages: readonly Message[], { json }: GetFlags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(messages, undefined, 2)}\n`);
    return;
  }
  for (const message of messages) {
    const { offset, exchange, routing_key: routingKey, redelivered, properties } = message;
    const origin = `exchange '${exchange}', routing key '${routingKey}'${redelivered ? ', redelivered' : ''}`;
    printLine(offset === undefined ? origin : `${offset}: ${origin}`);
    if (Object.keys(properties).length > 0) printLine(`  ${JSON.stringify(properties)}`);
    printLine(`  ${message.payload}${message.payload_encoding === 'base64' ? ' (base64)' : ''}`);
  }
}
