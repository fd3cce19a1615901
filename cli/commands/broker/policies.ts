/** `warren broker set-policy` and the others about policies and operator policies. */
import type { Command } from 'commander';
import { definitionFrom, wholeNumberFrom } from '../../management/definition.js';
import { changeCommand, word } from '../../management/management-command.js';

interface PolicyFlags {
  priority: string;
  applyTo: string;
}

/** The two kinds: that of users, and that of operators above it. */
const KINDS = [
  {
    word: 'policy',
    resource: 'policies',
    article: 'a',
    called: 'policy',
    example: "bounded '^shop\\.' max-length=10000 overflow=reject-publish",
  },
  {
    word: 'operator-policy',
    resource: 'operator-policies',
    article: 'an',
    called: 'operator policy',
    example: "bounded '.*' max-length-bytes=1000000000",
  },
] as const;

export function policyCommands(): Command[] {
  return KINDS.flatMap((kind) => [setCommand(kind), clearCommand(kind)]);
}

function setCommand(kind: (typeof KINDS)[number]): Command {
  return changeCommand<PolicyFlags>(
    {
      name: `set-${kind.word}`,
      about: `set ${kind.article} ${kind.called}: arguments for all queues and exchanges whose name matches`,
      example: `set-${kind.word} -p shop --apply-to queues ${kind.example}`,
      arguments: [
        ['<name>', 'the name of the policy'],
        ['<pattern>', 'a regular expression of names'],
        ['<definition...>', 'such as max-length=1000, or one JSON object'],
      ],
      options: [
        ['--priority <number>', 'where several match, the largest counts', '0'],
        ['--apply-to <what>', 'queues, classic_queues, quorum_queues, exchanges or all', 'all'],
      ],
      inVirtualHost: true,
    },
    ({ words, flags, virtualHost }) => {
      const [name, pattern, ...definition] = words as [string, string, ...string[]];
      return {
        method: 'PUT',
        path: [kind.resource, virtualHost, name],
        body: {
          pattern,
          definition: definitionFrom(definition, 'definition'),
          priority: wholeNumberFrom(flags.priority, '--priority', 0),
          'apply-to': flags.applyTo,
        },
        what: `virtual host '${virtualHost}'`,
        done: `The ${kind.called} '${name}' is set in the virtual host '${virtualHost}'`,
      };
    },
  );
}

function clearCommand(kind: (typeof KINDS)[number]): Command {
  return changeCommand(
    {
      name: `clear-${kind.word}`,
      about: `take ${kind.article} ${kind.called} away`,
      example: `clear-${kind.word} -p shop bounded`,
      arguments: [['<name>', 'the name of the policy']],
      inVirtualHost: true,
    },
    ({ words, virtualHost }) => ({
      method: 'DELETE',
      path: [kind.resource, virtualHost, word(words, 0)],
      what: `${kind.called} '${word(words, 0)}' in the virtual host '${virtualHost}'`,
      done: `The ${kind.called} '${word(words, 0)}' of the virtual host '${virtualHost}' is cleared`,
    }),
  );
}
