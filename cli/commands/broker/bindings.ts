/** `warren broker bind`, `unbind`. */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { EXIT, OperatingError } from '../../failure.js';
import {
  type CommandForm,
  changeCommand,
  type Given,
  managementCommand,
  word,
} from '../../management/management-command.js';
import { ARGUMENT_OPTION, argumentsFrom } from './queues.js';

interface BindingFlags {
  routingKey: string;
  toExchange?: boolean;
  argument: string[];
}

interface Binding {
  routing_key: string;
  arguments: Record<string, unknown>;
  properties_key: string;
}

const FORM: Omit<CommandForm, 'name' | 'about' | 'example'> = {
  arguments: [
    ['<source>', 'the exchange that messages come from'],
    ['<destination>', 'the queue that they go to'],
  ],
  options: [
    ['--routing-key <key>', 'the binding key', ''],
    ['--to-exchange', 'the destination is an exchange'],
  ],
  repeatable: ARGUMENT_OPTION,
  inVirtualHost: true,
};

export function bindingCommands(): Command[] {
  return [bindCommand(), unbindCommand()];
}

function bindCommand(): Command {
  return changeCommand<BindingFlags>(
    {
      ...FORM,
      name: 'bind',
      about: 'bind a queue or an exchange to an exchange',
      example: "bind shop orders --routing-key 'shop.#'",
    },
    (given) => ({
      method: 'POST',
      path: pathOf(given),
      body: { routing_key: given.flags.routingKey, arguments: argumentsFrom(given.flags) },
      what: `exchange '${word(given.words, 0)}', or no ${destinationOf(given)}`,
      done: `${theDestination(given)} is bound to the exchange '${word(given.words, 0)}'`,
    }),
  );
}

function unbindCommand(): Command {
  return managementCommand<BindingFlags>(
    {
      ...FORM,
      name: 'unbind',
      about: 'take a binding away: that with this routing key and these arguments',
      example: "unbind shop orders --routing-key 'shop.#'",
    },
    async (given) => {
      const { client, flags, say } = given;
      const source = word(given.words, 0);
      const wanted = argumentsFrom(flags);
      const bindings = await client.get<Binding[]>(pathOf(given), {
        what: `exchange '${source}', or no ${destinationOf(given)}`,
      });
      const binding = bindings.find(
        (candidate) =>
          candidate.routing_key === flags.routingKey && isDeepStrictEqual(candidate.arguments, wanted),
      );
      if (binding === undefined) {
        throw new OperatingError(
          `the ${destinationOf(given)} is not bound to the exchange '${source}' with the routing key '${flags.routingKey}'${flags.argument.length > 0 ? ' and these arguments' : ''}`,
          { exitCode: EXIT.absent },
        );
      }
      // The key is encoded as it is to stand in the path.
      const key = decodeURIComponent(binding.properties_key);
      await client.ask({ method: 'DELETE', path: [...pathOf(given), key] });
      say(`${theDestination(given)} is no longer bound to the exchange '${source}' in this way`);
    },
  );
}

function pathOf({ virtualHost, words, flags }: Given<BindingFlags>): string[] {
  const kind = flags.toExchange ? 'e' : 'q';
  return ['bindings', virtualHost, 'e', word(words, 0), kind, word(words, 1)];
}

function destinationOf({ words, flags }: Given<BindingFlags>): string {
  return `${flags.toExchange ? 'exchange' : 'queue'} '${word(words, 1)}'`;
}

function theDestination(given: Given<BindingFlags>): string {
  return `The ${destinationOf(given)}`;
}
