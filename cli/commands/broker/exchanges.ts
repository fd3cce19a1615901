/** `warren broker declare-exchange`, `delete-exchange`. */
import type { Command } from 'commander';
import { changeCommand, word } from '../../management/management-command.js';
import { ARGUMENT_OPTION, argumentsFrom, DECLARATION_OPTIONS, type DeclarationFlags } from './queues.js';

const NAME = [['<name>', 'the name of the exchange']] as const;

export function exchangeCommands(): Command[] {
  return [declareExchangeCommand(), deleteExchangeCommand()];
}

function declareExchangeCommand(): Command {
  return changeCommand<DeclarationFlags & { type: string; internal?: boolean }>(
    {
      name: 'declare-exchange',
      about: 'declare an exchange',
      example: 'declare-exchange shop --type topic',
      arguments: NAME,
      options: [
        ['--type <type>', 'direct, fanout, topic, headers, or what else the broker has', 'direct'],
        ['--internal', 'nobody publishes to it; it takes from other exchanges'],
        ...DECLARATION_OPTIONS,
      ],
      repeatable: ARGUMENT_OPTION,
      inVirtualHost: true,
    },
    ({ words, flags, virtualHost }) => {
      const name = word(words, 0);
      return {
        method: 'PUT',
        path: ['exchanges', virtualHost, name],
        body: {
          type: flags.type,
          durable: flags.transient !== true,
          auto_delete: flags.autoDelete === true,
          internal: flags.internal === true,
          arguments: argumentsFrom(flags),
        },
        done: `The exchange '${name}' is declared in the virtual host '${virtualHost}'`,
      };
    },
  );
}

function deleteExchangeCommand(): Command {
  return changeCommand<{ ifUnused?: boolean }>(
    {
      name: 'delete-exchange',
      about: 'delete an exchange with its bindings',
      example: 'delete-exchange shop --if-unused',
      arguments: NAME,
      options: [['--if-unused', 'only if nothing is bound to it']],
      inVirtualHost: true,
    },
    ({ words, flags, virtualHost }) => {
      const name = word(words, 0);
      return {
        method: 'DELETE',
        path: ['exchanges', virtualHost, name],
        query: flags.ifUnused ? { 'if-unused': 'true' } : {},
        what: `exchange '${name}' in the virtual host '${virtualHost}'`,
        done: `The exchange '${name}' of the virtual host '${virtualHost}' is deleted`,
      };
    },
  );
}
