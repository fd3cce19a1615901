/** `warren broker publish`, `get`. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { OperatingError, UsageError } from '../../failure.js';
import { pairFrom, wholeNumberFrom } from '../../management/definition.js';
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
  json?: boolean;
}

/** A message as the API gives it. */
export interface Message {
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

/** The argument of commands that look into a queue. */
export const QUEUE = [['<queue>', 'the name of the queue']] as const;
/** Their options. */
export const LOOK_OPTIONS = [
  ['--count <count>', 'at most so many', '1'],
  ['--json', 'print them as a JSON array'],
] as const;

export function messageCommands(): Command[] {
  return [publishCommand(), getCommand()];
}

function publishCommand(): Command {
  return managementCommand<PublishFlags>(
    {
      name: 'publish',
      about: 'publish one message; fails when no queue takes it',
      example: 'publish --exchange shop --routing-key shop.order --payload \'{"id":1}\'',
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
  if (payload !== undefined && file !== undefined)
    throw new UsageError('publish: --payload or --file, not both');
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
      showMessages(await fetchMessages(given, ackmode), given.flags);
    },
  );
}

async function fetchMessages(
  { client, words, flags, virtualHost }: Given<GetFlags>,
  ackmode: string,
): Promise<Message[]> {
  const queue = word(words, 0);
  const { body } = await client.ask({
    method: 'POST',
    path: ['queues', virtualHost, queue, 'get'],
    body: { count: wholeNumberFrom(flags.count, '--count', 1), encoding: 'auto', ackmode },
    what: `queue '${queue}' in the virtual host '${virtualHost}'`,
  });
  return body as Message[];
}

/** Prints messages with where they came from and what they carry. */
export function showMessages(messages: readonly Message[], { json }: { json?: boolean }): void {
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
