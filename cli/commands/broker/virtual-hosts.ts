/** `warren broker add-vhost` and the others about virtual hosts. */
import type { Command } from 'commander';
import { EXIT, OperatingError, UsageError } from '../../failure.js';
import type { ManagementClient } from '../../management/management-client.js';
import { changeCommand, managementCommand, word } from '../../management/management-command.js';

interface Metadata {
  description?: string;
  tags?: string;
  defaultQueueType?: string;
}

interface VirtualHost {
  description?: string;
  tags?: string[];
  default_queue_type?: string;
}

const NAME = [['<name>', 'the name of the virtual host']] as const;
const METADATA_OPTIONS = [
  ['--description <text>', 'what it is for'],
  ['--tags <tags>', 'words to find it by, parted by commas'],
  ['--default-queue-type <type>', 'of queues that are declared without one: classic or quorum'],
] as const;
/** RabbitMQ's text where nobody has chosen a type. */
const NO_TYPE = 'undefined';

export function virtualHostCommands(): Command[] {
  return [addCommand(), updateCommand(), setTagsCommand(), deleteCommand()];
}

function addCommand(): Command {
  return managementCommand<Metadata>(
    {
      name: 'add-vhost',
      about: 'add a virtual host; set-permissions lets users in',
      example: "add-vhost shop --description 'the shop' --default-queue-type quorum",
      arguments: NAME,
      options: METADATA_OPTIONS,
    },
    async ({ client, words, flags, say }) => {
      const name = word(words, 0);
      if ((await find(client, name)) !== undefined) {
        throw new OperatingError(
          `there is a virtual host '${name}' already; update-vhost-metadata changes one`,
        );
      }
      await put(client, name, bodyFrom(flags));
      say(`The virtual host '${name}' is added; set-permissions lets users in`);
    },
  );
}

function updateCommand(): Command {
  return managementCommand<Metadata>(
    {
      name: 'update-vhost-metadata',
      about: 'change the description, the tags or the default queue type of a virtual host',
      example: "update-vhost-metadata shop --description 'the new shop'",
      arguments: NAME,
      options: METADATA_OPTIONS,
    },
    async ({ client, words, flags, say }) => {
      const body = bodyFrom(flags);
      if (Object.keys(body).length === 0) {
        throw new UsageError('update-vhost-metadata: give --description, --tags or --default-queue-type');
      }
      await change(client, word(words, 0), body);
      say(`The virtual host '${word(words, 0)}' is changed`);
    },
  );
}

function setTagsCommand(): Command {
  return managementCommand(
    {
      name: 'set-vhost-tags',
      about: 'set the tags of a virtual host; none takes all away',
      example: 'set-vhost-tags shop production',
      arguments: [...NAME, ['[tags...]', 'words to find it by']],
    },
    async ({ client, words, say }) => {
      const [name, ...tags] = words as [string, ...string[]];
      await change(client, name, { tags: tags.join(',') });
      say(
        `The virtual host '${name}' has ${tags.length === 0 ? 'no tags' : `the tags ${tags.join(', ')}`} now`,
      );
    },
  );
}

function deleteCommand(): Command {
  return changeCommand(
    {
      name: 'delete-vhost',
      about: 'delete a virtual host with its queues, messages and permissions',
      example: 'delete-vhost shop',
      arguments: NAME,
    },
    ({ words }) => ({
      method: 'DELETE',
      path: ['vhosts', word(words, 0)],
      what: `virtual host '${word(words, 0)}'`,
      done: `The virtual host '${word(words, 0)}' is deleted`,
    }),
  );
}

/** What is not said again would be lost: a PUT sets all of it. */
async function change(
  client: ManagementClient,
  name: string,
  changed: Record<string, string>,
): Promise<void> {
  const { description = '', tags = [], default_queue_type: type = NO_TYPE } = await existing(client, name);
  await put(client, name, {
    description,
    tags: tags.join(','),
    ...(type !== NO_TYPE && queueType(type)),
    ...changed,
  });
}

async function find(client: ManagementClient, name: string): Promise<VirtualHost | undefined> {
  try {
    return await existing(client, name);
  } catch (error) {
    if (error instanceof OperatingError && error.exitCode === EXIT.absent) return undefined;
    throw error;
  }
}

async function existing(client: ManagementClient, name: string): Promise<VirtualHost> {
  return await client.get<VirtualHost>(['vhosts', name], { what: `virtual host '${name}'` });
}

async function put(client: ManagementClient, name: string, body: Record<string, string>): Promise<void> {
  await client.ask({ method: 'PUT', path: ['vhosts', name], body });
}

function bodyFrom({ description, tags, defaultQueueType }: Metadata): Record<string, string> {
  return {
    ...(description !== undefined && { description }),
    ...(tags !== undefined && { tags }),
    ...(defaultQueueType !== undefined && queueType(defaultQueueType)),
  };
}

/** RabbitMQ up to 3.12 knows it by another name. */
function queueType(type: string): Record<string, string> {
  return { default_queue_type: type, defaultqueuetype: type };
}
