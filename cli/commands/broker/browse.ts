/** `warren broker browse`: of Warren's broker only. */
import type { Command } from 'commander';
import { EXIT, OperatingError } from '../../failure.js';
import { textPairFrom, wholeNumberFrom } from '../../management/definition.js';
import { type ManagementClient, ManagementError } from '../../management/management-client.js';
import { type Given, managementCommand, word } from '../../management/management-command.js';
import { LOOK_OPTIONS, type Message, QUEUE, showMessages } from './messages.js';

interface BrowseFlags {
  count: string;
  offset: string;
  fromExchange?: string;
  routingKey?: string;
  messageId?: string;
  contains?: string;
  header: string[];
  json?: boolean;
}

/** What one request has looked at, and where the next goes on. */
interface Browsed {
  items: Message[];
  next_offset: number | null;
}

export function browseCommand(): Command {
  return managementCommand<BrowseFlags>(
    {
      name: 'browse',
      about: "look at messages and leave the queue as it is; of Warren's broker only",
      example: "browse orders --count 3 --routing-key 'shop.#' --contains refund",
      arguments: QUEUE,
      options: [
        ...LOOK_OPTIONS,
        ['--offset <number>', 'pass over so many messages first', '0'],
        ['--from-exchange <name>', 'only those published to this exchange'],
        ['--routing-key <pattern>', 'only those with such a routing key; * is a word, # any number'],
        ['--message-id <id>', 'only those with this message id'],
        ['--contains <text>', 'only those with this text in the body'],
      ],
      repeatable: [['--header <key=value>', 'only those with this header; may be repeated']],
      inVirtualHost: true,
    },
    async (given) => showMessages(await browse(given), given.flags),
  );
}

async function browse({ client, words, flags, virtualHost }: Given<BrowseFlags>): Promise<Message[]> {
  const path = ['queues', virtualHost, word(words, 0)];
  const wanted = wholeNumberFrom(flags.count, '--count', 1);
  const conditions = conditionsFrom(flags);
  const found: Message[] = [];
  let offset: number | null = wholeNumberFrom(flags.offset, '--offset', 0);
  while (offset !== null && found.length < wanted) {
    const query = { ...conditions, offset: String(offset), count: String(wanted - found.length) };
    const { items, next_offset: next } = await browseOnce(client, path, query);
    found.push(...items);
    offset = next;
  }
  return found;
}

async function browseOnce(
  client: ManagementClient,
  path: readonly string[],
  query: Record<string, string>,
): Promise<Browsed> {
  const [, virtualHost, queue] = path as [string, string, string];
  const what = `queue '${queue}' in the virtual host '${virtualHost}'`;
  try {
    return await client.get<Browsed>([...path, 'browse'], { query, what });
  } catch (error) {
    const unknown =
      error instanceof ManagementError && (error.exitCode === EXIT.absent || error.body === undefined);
    if (!unknown) throw error;
    // If the queue is there, it is the browsing that is not: RabbitMQ answers 400 without a word.
    await client.get(path, { what });
    throw new OperatingError(
      `this broker cannot show messages without delivering them; warren broker get ${queue} fetches them and puts them back`,
      { cause: error },
    );
  }
}

function conditionsFrom(flags: BrowseFlags): Record<string, string> {
  const headers = flags.header.map((pair) => textPairFrom(pair, '--header'));
  return {
    ...(flags.fromExchange !== undefined && { exchange: flags.fromExchange }),
    ...(flags.routingKey !== undefined && { routing_key: flags.routingKey }),
    ...(flags.messageId !== undefined && { message_id: flags.messageId }),
    ...(flags.contains !== undefined && { contains: flags.contains }),
    ...Object.fromEntries(headers.map(([name, value]) => [`header.${name}`, value])),
  };
}
