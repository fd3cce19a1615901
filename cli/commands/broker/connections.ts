/** `warren broker close-connection` and the others that close connections. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { EXIT, OperatingError, UsageError } from '../../failure.js';
import { wholeNumberFrom } from '../../management/definition.js';
import { type ManagementClient, ManagementError } from '../../management/management-client.js';
import { type Given, managementCommand, word } from '../../management/management-command.js';

interface Connection {
  name: string;
  user?: string;
  user_provided_name?: string;
  client_properties?: { connection_name?: string };
}

interface CloseAllFlags {
  global?: boolean;
  limit?: string;
  perConnectionDelay: string;
}

const REASON = ['[reason]', 'what the client is told'] as const;
const PACE_OPTIONS = [
  ['--limit <count>', 'close at most so many'],
  ['--per-connection-delay <milliseconds>', 'wait so long after each', '0'],
] as const;

export function connectionCommands(): Command[] {
  return [closeCommand(), closeAllCommand(), closeAllOfUserCommand()];
}

function closeCommand(): Command {
  return managementCommand(
    {
      name: 'close-connection',
      about: 'close a connection',
      example: "close-connection 10.0.0.7:51514 'you are being moved'",
      arguments: [
        ['<connection>', 'its name, the address that it comes from, or the name that its client gave it'],
        REASON,
      ],
    },
    async ({ client, words, say }) => {
      const given = word(words, 0);
      const connections = await client.get<Connection[]>(['connections']);
      const name = nameOf(given, connections);
      if (!(await close(client, name, words[1]))) throw absent(given);
      say(`The connection '${name}' is closed`);
    },
  );
}

function closeAllCommand(): Command {
  return managementCommand<CloseAllFlags>(
    {
      name: 'close-all-connections',
      about: 'close the connections of a virtual host, or all',
      example: "close-all-connections -p shop --per-connection-delay 100 'maintenance'",
      arguments: [REASON],
      options: [['--global', 'those of all virtual hosts'], ...PACE_OPTIONS],
      inVirtualHost: true,
    },
    async (given) => {
      const { flags, virtualHost, onlyVirtualHost } = given;
      if (flags.global && onlyVirtualHost !== undefined) {
        throw new UsageError('close-all-connections: --vhost or --global, not both');
      }
      const path = flags.global ? ['connections'] : ['vhosts', virtualHost, 'connections'];
      const connections = await given.client.get<Connection[]>(path, {
        what: `virtual host '${virtualHost}'`,
      });
      await closeEach(given, connections, given.words[0]);
    },
  );
}

function closeAllOfUserCommand(): Command {
  return managementCommand<CloseAllFlags>(
    {
      name: 'close-all-user-connections',
      about: 'close the connections of a user',
      example: "close-all-user-connections shop-service 'the password has changed'",
      arguments: [['<user>', 'the name of the user'], REASON],
      options: PACE_OPTIONS,
    },
    async (given) => {
      const user = word(given.words, 0);
      const connections = await given.client.get<Connection[]>(['connections']);
      await closeEach(
        given,
        connections.filter((connection) => connection.user === user),
        given.words[1],
      );
    },
  );
}

async function closeEach(
  { client, flags, say }: Given<CloseAllFlags>,
  connections: readonly Connection[],
  reason: string | undefined,
): Promise<void> {
  const delayMs = wholeNumberFrom(flags.perConnectionDelay, '--per-connection-delay', 0);
  const limit = flags.limit === undefined ? Infinity : wholeNumberFrom(flags.limit, '--limit', 1);
  let closed = 0;
  for (const { name } of connections.slice(0, limit)) {
    // One that has gone by itself in the meantime is closed as well, but not by us.
    if (await close(client, name, reason)) closed += 1;
    if (delayMs > 0) await wait(delayMs);
  }
  say(`${closed} connections closed`);
}

/** Whether it was still there. */
async function close(client: ManagementClient, name: string, reason?: string): Promise<boolean> {
  try {
    await client.ask({
      method: 'DELETE',
      path: ['connections', name],
      ...(reason !== undefined && { headers: { 'x-reason': headerValue(reason) } }),
    });
    return true;
  } catch (error) {
    if (error instanceof ManagementError && error.status === 404) return false;
    throw error;
  }
}

/** A header holds what is printable in ASCII, and the client's close method at most 255 octets. */
function headerValue(reason: string): string {
  if (!/^[\x20-\x7e]{0,200}$/.test(reason)) {
    throw new UsageError('the reason: must be at most 200 characters of ASCII');
  }
  return reason;
}

function nameOf(given: string, connections: readonly Connection[]): string {
  const exact = connections.find(({ name }) => name === given);
  if (exact !== undefined) return exact.name;
  const called = connections.filter(
    (connection) =>
      connection.name.startsWith(`${given} -> `) ||
      connection.user_provided_name === given ||
      connection.client_properties?.connection_name === given,
  );
  if (called.length > 1) {
    throw new OperatingError(
      `${called.length} connections are called '${given}'; close them by their names: ${called.map(({ name }) => `'${name}'`).join(', ')}`,
    );
  }
  const [only] = called;
  if (only === undefined) throw absent(given);
  return only.name;
}

function absent(given: string): OperatingError {
  return new OperatingError(`there is no connection '${given}'; warren broker list-connections lists them`, {
    exitCode: EXIT.absent,
  });
}
