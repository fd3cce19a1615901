/** `warren broker set-parameter` and the others about parameters, and the name of the cluster. */
import type { Command } from 'commander';
import { valueFrom } from '../../management/definition.js';
import { changeCommand, managementCommand, printLine, word } from '../../management/management-command.js';

const NAME = ['<name>', 'the name of the parameter'] as const;
const VALUE = ['<value>', 'JSON, or a text'] as const;
const COMPONENT = ['<component>', 'the part of the broker that it is for'] as const;

export function parameterCommands(): Command[] {
  return [
    setParameterCommand(),
    clearParameterCommand(),
    setGlobalParameterCommand(),
    clearGlobalParameterCommand(),
    clusterNameCommand(),
    setClusterNameCommand(),
  ];
}

function setParameterCommand(): Command {
  return changeCommand(
    {
      name: 'set-parameter',
      about: 'set a parameter of a component',
      example: 'set-parameter -p shop federation limits \'{"max":3}\'',
      arguments: [COMPONENT, NAME, VALUE],
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => {
      const [component, name, value] = words as [string, string, string];
      return {
        method: 'PUT',
        path: ['parameters', component, virtualHost, name],
        // RabbitMQ asks for what the path says already.
        body: { component, vhost: virtualHost, name, value: valueFrom(value) },
        what: `component '${component}'`,
        done: `The parameter '${name}' of ${component} is set in the virtual host '${virtualHost}'`,
      };
    },
  );
}

function clearParameterCommand(): Command {
  return changeCommand(
    {
      name: 'clear-parameter',
      about: 'take a parameter of a component away',
      example: 'clear-parameter -p shop federation limits',
      arguments: [COMPONENT, NAME],
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => {
      const [component, name] = words as [string, string];
      return {
        method: 'DELETE',
        path: ['parameters', component, virtualHost, name],
        what: `parameter '${name}' of ${component} in the virtual host '${virtualHost}'`,
        done: `The parameter '${name}' of ${component} is cleared`,
      };
    },
  );
}

function setGlobalParameterCommand(): Command {
  return changeCommand(
    {
      name: 'set-global-parameter',
      about: 'set a parameter of the whole broker',
      example: 'set-global-parameter region \'"north"\'',
      arguments: [NAME, VALUE],
    },
    ({ words }) => {
      const [name, value] = words as [string, string];
      return {
        method: 'PUT',
        path: ['global-parameters', name],
        body: { name, value: valueFrom(value) },
        done: `The global parameter '${name}' is set`,
      };
    },
  );
}

function clearGlobalParameterCommand(): Command {
  return changeCommand(
    {
      name: 'clear-global-parameter',
      about: 'take a parameter of the whole broker away',
      example: 'clear-global-parameter region',
      arguments: [NAME],
    },
    ({ words }) => ({
      method: 'DELETE',
      path: ['global-parameters', word(words, 0)],
      what: `global parameter '${word(words, 0)}'`,
      done: `The global parameter '${word(words, 0)}' is cleared`,
    }),
  );
}

function clusterNameCommand(): Command {
  return managementCommand(
    {
      name: 'cluster-name',
      about: 'print the name of the cluster, which clients are told',
      example: 'cluster-name',
    },
    async ({ client }) => printLine((await client.get<{ name: string }>(['cluster-name'])).name),
  );
}

function setClusterNameCommand(): Command {
  return changeCommand(
    {
      name: 'set-cluster-name',
      about: 'set the name of the cluster',
      example: 'set-cluster-name north',
      arguments: [['<name>', 'the name']],
    },
    ({ words }) => ({
      method: 'PUT',
      path: ['cluster-name'],
      body: { name: word(words, 0) },
      done: `The cluster is called '${word(words, 0)}' now`,
    }),
  );
}
