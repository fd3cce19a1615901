/** `warren broker set-vhost-limits`, `set-user-limits`, and how they are taken away. */
import type { Command } from 'commander';
import { definitionFrom } from '../../management/definition.js';
import type { ManagementClient } from '../../management/management-client.js';
import { type CommandForm, managementCommand, word } from '../../management/management-command.js';

/** What has limits. */
interface Limited {
  resource: 'vhost-limits' | 'user-limits';
  name: string;
  what: string;
}

const LIMITS = [
  '<limits...>',
  'such as max-connections=100, or one JSON object; a number below 0 is no limit',
] as const;
const USER = ['<user>', 'the name of the user'] as const;

export function limitCommands(): Command[] {
  return [
    limitCommand(
      {
        name: 'set-vhost-limits',
        about: 'limit the connections and queues of a virtual host',
        example: 'set-vhost-limits -p shop max-connections=50 max-queues=100',
        arguments: [LIMITS],
        inVirtualHost: true,
      },
      (limited, words, client) => set(limited, words, client),
    ),
    limitCommand(
      {
        name: 'clear-vhost-limits',
        about: 'take all limits of a virtual host away',
        example: 'clear-vhost-limits -p shop',
        inVirtualHost: true,
      },
      (limited, _, client) => clear(limited, [], client),
    ),
    limitCommand(
      {
        name: 'set-user-limits',
        about: 'limit the connections and channels of a user',
        example: 'set-user-limits shop-service max-connections=10 max-channels=100',
        arguments: [USER, LIMITS],
      },
      (limited, words, client) => set(limited, words.slice(1), client),
    ),
    limitCommand(
      {
        name: 'clear-user-limits',
        about: 'take limits of a user away: those named, or all',
        example: 'clear-user-limits shop-service max-channels',
        arguments: [USER, ['[limits...]', 'only these; all means all']],
      },
      (limited, words, client) => clear(limited, words.slice(1), client),
    ),
  ];
}

function limitCommand(
  form: CommandForm,
  run: (limited: Limited, words: readonly string[], client: ManagementClient) => Promise<void>,
): Command {
  return managementCommand(form, async ({ client, words, virtualHost, say }) => {
    const limited: Limited = form.inVirtualHost
      ? { resource: 'vhost-limits', name: virtualHost, what: `virtual host '${virtualHost}'` }
      : { resource: 'user-limits', name: word(words, 0), what: `user '${word(words, 0)}'` };
    await run(limited, words, client);
    say(`The limits of the ${limited.what} are changed`);
  });
}

async function set(
  { resource, name, what }: Limited,
  words: readonly string[],
  client: ManagementClient,
): Promise<void> {
  for (const [limit, value] of Object.entries(definitionFrom(words, 'limits'))) {
    await client.ask({ method: 'PUT', path: [resource, name, limit], body: { value }, what });
  }
}

async function clear(limited: Limited, named: readonly string[], client: ManagementClient): Promise<void> {
  const { resource, name, what } = limited;
  const all = named.length === 0 || named.includes('all');
  const limits = all ? await limitsOf(limited, client) : named;
  for (const limit of limits) {
    await client.ask({
      method: 'DELETE',
      path: [resource, name, limit],
      what: `limit ${limit} of the ${what}`,
    });
  }
}

/** Without limits there is nothing to take away, but it has to be there. */
async function limitsOf({ resource, name, what }: Limited, client: ManagementClient): Promise<string[]> {
  const rows = await client.get<{ value: Record<string, number> }[]>([resource, name], { what });
  const limits = rows.flatMap(({ value }) => Object.keys(value));
  if (limits.length === 0) {
    await client.get([resource === 'vhost-limits' ? 'vhosts' : 'users', name], { what });
  }
  return limits;
}
