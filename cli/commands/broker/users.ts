/** `warren broker add-user` and the others about users. */
import type { Command } from 'commander';
import { EXIT, OperatingError, UsageError } from '../../failure.js';
import { type ManagementClient, ManagementError } from '../../management/management-client.js';
import {
  type CommandForm,
  changeCommand,
  type Given,
  managementCommand,
  word,
} from '../../management/management-command.js';
import { PASSWORD_OPTION, USER_PASSWORD_VARIABLE, userSecret } from '../../management/secret.js';
import { HASHING_OPTION, hashingAlgorithm } from './hash-password.js';

interface SecretFlags {
  passwordFile?: string;
}

interface AddFlags extends SecretFlags {
  tags: string;
  preHashedPassword?: boolean;
  hashingAlgorithm: string;
}

interface User {
  name: string;
  password_hash: string;
  hashing_algorithm: string;
  tags: string[] | string;
}

const NAME = [['<user>', 'the name of the user']] as const;
const PASSWORD_OPTIONS: NonNullable<CommandForm['options']> = [PASSWORD_OPTION];

export function userCommands(): Command[] {
  return [
    addUserCommand(),
    changePasswordCommand(),
    clearPasswordCommand(),
    setUserTagsCommand(),
    deleteUserCommand(),
    authenticateUserCommand(),
  ];
}

function addUserCommand(): Command {
  return managementCommand<AddFlags>(
    {
      name: 'add-user',
      about: 'add a user, who may do nothing yet; set-permissions is next',
      example: 'add-user shop-service --password-file /run/secrets/shop-service',
      arguments: NAME,
      options: [
        ...PASSWORD_OPTIONS,
        ['--tags <tags>', 'administrator, monitoring, policymaker or management; parted by commas', ''],
        ['--pre-hashed-password', 'what is read is a hash, as in a definitions file'],
        HASHING_OPTION,
      ],
      moreWords: true,
    },
    async ({ client, words, flags, say }) => {
      const name = onlyName(words);
      if ((await find(client, name)) !== undefined) {
        throw new OperatingError(
          `there is a user '${name}' already; change-password and set-user-tags change one`,
        );
      }
      const hashed = flags.preHashedPassword === true;
      const label = `${hashed ? 'Hash of the password' : 'Password'} of ${name}`;
      const secret = await userSecret(label, { ...flags, twice: !hashed });
      const credentials = hashed
        ? { password_hash: secret, hashing_algorithm: hashingAlgorithm(flags.hashingAlgorithm) }
        : { password: secret };
      await put(client, name, { ...credentials, tags: flags.tags });
      say(`The user '${name}' is added; set-permissions lets them into a virtual host`);
    },
  );
}

function changePasswordCommand(): Command {
  return managementCommand<SecretFlags>(
    {
      name: 'change-password',
      about: 'give a user another password',
      example: 'change-password anna',
      arguments: NAME,
      options: PASSWORD_OPTIONS,
      moreWords: true,
    },
    async ({ client, words, flags, say }) => {
      const name = onlyName(words);
      const { tags } = await existing(client, name);
      const password = await userSecret(`New password of ${name}`, { ...flags, twice: true });
      await put(client, name, { password, tags: tagText(tags) });
      say(`The password of the user '${name}' is changed`);
    },
  );
}

function clearPasswordCommand(): Command {
  return managementCommand(
    {
      name: 'clear-password',
      about: 'take the password of a user away: they can no longer log in with one',
      example: 'clear-password anna',
      arguments: NAME,
    },
    async ({ client, words, say }) => {
      const name = word(words, 0);
      const { tags } = await existing(client, name);
      await put(client, name, { password_hash: '', tags: tagText(tags) });
      say(`The user '${name}' has no password now`);
    },
  );
}

function setUserTagsCommand(): Command {
  return managementCommand(
    {
      name: 'set-user-tags',
      about: 'set what a user may see and do in the management API; none takes all tags away',
      example: 'set-user-tags anna monitoring policymaker',
      arguments: [...NAME, ['[tags...]', 'administrator, monitoring, policymaker, management']],
    },
    async ({ client, words, say }) => {
      const [name, ...typed] = words as [string, ...string[]];
      const user = await existing(client, name);
      const tags = typed.flatMap((text) => text.split(',')).filter((tag) => tag !== '');
      await put(client, name, {
        password_hash: user.password_hash,
        hashing_algorithm: user.hashing_algorithm,
        tags: tags.join(','),
      });
      say(`The user '${name}' has ${tags.length === 0 ? 'no tags' : `the tags ${tags.join(', ')}`} now`);
    },
  );
}

function deleteUserCommand(): Command {
  return changeCommand(
    { name: 'delete-user', about: 'delete a user', example: 'delete-user anna', arguments: NAME },
    ({ words }) => ({
      method: 'DELETE',
      path: ['users', word(words, 0)],
      what: `user '${word(words, 0)}'`,
      done: `The user '${word(words, 0)}' is deleted`,
    }),
  );
}

function authenticateUserCommand(): Command {
  return managementCommand<SecretFlags>(
    {
      name: 'authenticate-user',
      about: 'try whether a password is that of a user; exit code 4 if it is not',
      example: 'authenticate-user shop-service',
      arguments: NAME,
      options: PASSWORD_OPTIONS,
      moreWords: true,
    },
    authenticate,
  );
}

async function authenticate({ client, words, flags, say }: Given<SecretFlags>): Promise<void> {
  const name = onlyName(words);
  const password = await userSecret(`Password of ${name}`, flags);
  try {
    await client.as({ user: name, password }).get(['whoami']);
  } catch (error) {
    // The password is right, and the user has no tag for the management API, or comes from elsewhere.
    const known = error instanceof ManagementError && /management user/i.test(error.reason);
    if (!known) throw error;
  }
  say(`The password is that of the user '${name}'`);
}

/** `rabbitmqctl` takes the password as the second word: who types that here is told why it is not taken. */
function onlyName(words: readonly string[]): string {
  if (words.length === 1) return word(words, 0);
  throw new UsageError(
    `a password on the command line is seen by everyone on this machine, and is not taken; write it to standard input, or name it with --password-file or ${USER_PASSWORD_VARIABLE}`,
  );
}

async function find(client: ManagementClient, name: string): Promise<User | undefined> {
  try {
    return await existing(client, name);
  } catch (error) {
    if (error instanceof OperatingError && error.exitCode === EXIT.absent) return undefined;
    throw error;
  }
}

async function existing(client: ManagementClient, name: string): Promise<User> {
  return await client.get<User>(['users', name], { what: `user '${name}'` });
}

async function put(client: ManagementClient, name: string, body: Record<string, string>): Promise<void> {
  await client.ask({ method: 'PUT', path: ['users', name], body });
}

/** A list since RabbitMQ 3.9, and a text before. */
function tagText(tags: string[] | string): string {
  return Array.isArray(tags) ? tags.join(',') : tags;
}
