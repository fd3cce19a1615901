/** `warren broker declare-queue`, `delete-queue`, `purge-queue`. */
import type { Command } from 'commander';
import { pairFrom } from '../../management/definition.js';
import { type CommandForm, changeCommand, word } from '../../management/management-command.js';

const NAME = [['<name>', 'the name of the queue']] as const;

/** Options of whatever is declared. */
export interface DeclarationFlags {
  type?: string;
  transient?: boolean;
  autoDelete?: boolean;
  argument: string[];
}

/** What queues and exchanges are declared with. */
export const DECLARATION_OPTIONS: NonNullable<CommandForm['options']> = [
  ['--transient', 'not durable: it is gone after a restart'],
  ['--auto-delete', 'it goes with what last used it'],
];

/** Arguments of queues, exchanges and bindings. */
export const ARGUMENT_OPTION: NonNullable<CommandForm['repeatable']> = [
  ['--argument <key=value>', 'an argument, its value as JSON where it is JSON; may be repeated'],
];

/** The arguments that were given by `--argument`. */
export function argumentsFrom({ argument }: { argument: string[] }): Record<string, unknown> {
  return Object.fromEntries(argument.map((pair) => pairFrom(pair, '--argument')));
}

export function queueCommands(): Command[] {
  return [declareQueueCommand(), deleteQueueCommand(), purgeQueueCommand()];
}

function declareQueueCommand(): Command {
  return changeCommand<DeclarationFlags>(
    {
      name: 'declare-queue',
      about: 'declare a queue',
      example: 'declare-queue orders --type quorum --argument x-delivery-limit=5',
      arguments: NAME,
      options: [['--type <type>', "classic or quorum; otherwise the virtual host's"], ...DECLARATION_OPTIONS],
      repeatable: ARGUMENT_OPTION,
      inVirtualHost: true,
    },
    ({ words, flags, virtualHost }) => {
      const name = word(words, 0);
      return {
        method: 'PUT',
        path: ['queues', virtualHost, name],
        body: {
          durable: flags.transient !== true,
          auto_delete: flags.autoDelete === true,
          arguments: {
            ...(flags.type !== undefined && { 'x-queue-type': flags.type }),
            ...argumentsFrom(flags),
          },
        },
        done: `The queue '${name}' is declared in the virtual host '${virtualHost}'`,
      };
    },
  );
}

function deleteQueueCommand(): Command {
  return changeCommand<{ ifEmpty?: boolean; ifUnused?: boolean }>(
    {
      name: 'delete-queue',
      about: 'delete a queue with its messages',
      example: 'delete-queue orders --if-empty --if-unused',
      arguments: NAME,
      options: [
        ['--if-empty', 'only if there are no messages in it'],
        ['--if-unused', 'only if it has no consumers'],
      ],
      inVirtualHost: true,
    },
    ({ words, flags, virtualHost }) => {
      const name = word(words, 0);
      return {
        method: 'DELETE',
        path: ['queues', virtualHost, name],
        query: {
          ...(flags.ifEmpty && { 'if-empty': 'true' }),
          ...(flags.ifUnused && { 'if-unused': 'true' }),
        },
        what: `queue '${name}' in the virtual host '${virtualHost}'`,
        done: `The queue '${name}' of the virtual host '${virtualHost}' is deleted`,
      };
    },
  );
}

function purgeQueueCommand(): Command {
  return changeCommand(
    {
      name: 'purge-queue',
      about: 'throw away the messages of a queue that are ready',
      example: 'purge-queue orders',
      arguments: NAME,
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => {
      const name = word(words, 0);
      return {
        method: 'DELETE',
        path: ['queues', virtualHost, name, 'contents'],
        what: `queue '${name}' in the virtual host '${virtualHost}'`,
        done: `The queue '${name}' of the virtual host '${virtualHost}' is purged`,
      };
    },
  );
}
