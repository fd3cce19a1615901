/** `warren broker set-permissions` and the others about what users may do. */
import type { Command } from 'commander';
import { type CommandForm, changeCommand, word } from '../../management/management-command.js';

const NAME = [['<user>', 'the name of the user']] as const;

export function permissionCommands(): Command[] {
  return [
    setPermissionsCommand(),
    clearPermissionsCommand(),
    setTopicPermissionsCommand(),
    clearTopicPermissionsCommand(),
  ];
}

function setPermissionsCommand(): Command {
  return changeCommand(
    {
      name: 'set-permissions',
      about: 'let a user into a virtual host, and say which names they may configure, write and read',
      example: "set-permissions -p shop shop-service '^shop\\.' '^shop\\.' '.*'",
      arguments: [
        ...NAME,
        ['<configure>', "regular expression of names they may declare and delete; '' for none"],
        ['<write>', 'of names they may publish to'],
        ['<read>', 'of names they may consume from'],
      ],
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => {
      const [user, configure, write, read] = words as [string, string, string, string];
      return {
        method: 'PUT',
        path: ['permissions', virtualHost, user],
        body: { configure, write, read },
        what: `user '${user}'`,
        done: `The user '${user}' has these permissions in the virtual host '${virtualHost}' now`,
      };
    },
  );
}

function clearPermissionsCommand(): Command {
  return changeCommand(
    {
      name: 'clear-permissions',
      about: 'let a user no longer into a virtual host',
      example: 'clear-permissions -p shop shop-service',
      arguments: NAME,
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => ({
      method: 'DELETE',
      path: ['permissions', virtualHost, word(words, 0)],
      what: `user '${word(words, 0)}' with permissions in the virtual host '${virtualHost}'`,
      done: `The user '${word(words, 0)}' has no permissions in the virtual host '${virtualHost}' now`,
    }),
  );
}

function setTopicPermissionsCommand(): Command {
  return changeCommand(
    {
      name: 'set-topic-permissions',
      about: 'say which routing keys a user may use in a topic exchange',
      example: "set-topic-permissions -p shop shop-service shop '^{username}\\.' '.*'",
      arguments: [
        ...NAME,
        ['<exchange>', 'the topic exchange'],
        ['<write>', 'regular expression of routing keys they may publish with'],
        ['<read>', 'of keys they may bind with'],
      ],
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => {
      const [user, exchange, write, read] = words as [string, string, string, string];
      return {
        method: 'PUT',
        path: ['topic-permissions', virtualHost, user],
        body: { exchange, write, read },
        what: `user '${user}'`,
        done: `The user '${user}' has these topic permissions for the exchange '${exchange}' now`,
      };
    },
  );
}

const CLEAR_TOPIC: CommandForm = {
  name: 'clear-topic-permissions',
  about: 'take the topic permissions of a user away, for one exchange or for all',
  example: 'clear-topic-permissions -p shop shop-service shop',
  arguments: [...NAME, ['[exchange]', 'only for this one']],
  inVirtualHost: true,
};

function clearTopicPermissionsCommand(): Command {
  return changeCommand(CLEAR_TOPIC, ({ words, virtualHost }) => {
    const [user, exchange] = words as [string, string?];
    return {
      method: 'DELETE',
      path: ['topic-permissions', virtualHost, user, ...(exchange === undefined ? [] : [exchange])],
      what: `user '${user}' with topic permissions in the virtual host '${virtualHost}'`,
      done: `The user '${user}' has no topic permissions for ${exchange === undefined ? 'any exchange' : `the exchange '${exchange}'`} now`,
    };
  });
}
