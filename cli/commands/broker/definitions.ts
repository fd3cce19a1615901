/** `warren broker export-definitions`, `import-definitions`. */
import { closeSync, fchmodSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { OperatingError, UsageError } from '../../failure.js';
import { managementCommand, word } from '../../management/management-command.js';

/** For its owner alone: there are hashes of passwords in it. */
const FILE_MODE = 0o600;

export function definitionCommands(): Command[] {
  return [exportCommand(), importCommand()];
}

function exportCommand(): Command {
  return managementCommand(
    {
      name: 'export-definitions',
      about: 'write users, virtual hosts, permissions, policies and topology to a file',
      example: 'export-definitions broker.json',
      arguments: [['<file>', 'where to, - for standard output']],
      inVirtualHost: true,
    },
    async ({ client, words, onlyVirtualHost, say }) => {
      const definitions = await client.get<object>(pathOf(onlyVirtualHost), {
        what: whatOf(onlyVirtualHost),
      });
      const json = `${JSON.stringify(definitions, undefined, 2)}\n`;
      const file = word(words, 0);
      if (file === '-') process.stdout.write(json);
      else {
        writeWhole(file, json);
        say(`The definitions are in ${file}${summaryOf(definitions)}`);
      }
    },
  );
}

function importCommand(): Command {
  return managementCommand(
    {
      name: 'import-definitions',
      about: 'add what a definitions file holds, and replace what it holds otherwise; deletes nothing',
      example: 'import-definitions broker.json',
      arguments: [['<file>', 'from where, - for standard input']],
      inVirtualHost: true,
    },
    async ({ client, words, onlyVirtualHost, say }) => {
      const definitions = definitionsFrom(await readWhole(word(words, 0)), word(words, 0));
      await client.ask({
        method: 'POST',
        path: pathOf(onlyVirtualHost),
        body: definitions,
        what: whatOf(onlyVirtualHost),
      });
      say(`The definitions are imported${summaryOf(definitions)}`);
    },
  );
}

function pathOf(virtualHost: string | undefined): string[] {
  return virtualHost === undefined ? ['definitions'] : ['definitions', virtualHost];
}

function whatOf(virtualHost: string | undefined): string | undefined {
  return virtualHost === undefined ? undefined : `virtual host '${virtualHost}'`;
}

/** How many of what: `: 2 users, 5 queues`. */
function summaryOf(definitions: object): string {
  const parts = Object.entries(definitions)
    .filter(([, value]) => Array.isArray(value) && value.length > 0)
    .map(([kind, value]) => `${(value as unknown[]).length} ${kind.replaceAll('_', ' ')}`);
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function definitionsFrom(json: string, file: string): object {
  let definitions: unknown;
  try {
    definitions = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof definitions !== 'object' || definitions === null || Array.isArray(definitions)) {
    throw new UsageError(`${file} is no definitions file: it must hold one JSON object`);
  }
  return definitions;
}

async function readWhole(file: string): Promise<string> {
  if (file === '-') return await text(process.stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file} cannot be read (${code})`, { cause: error });
  }
}

/** A file that is there is whole: the old one until the new one is complete. */
function writeWhole(file: string, content: string): void {
  const unfinished = `${file}.unfinished`;
  try {
    const descriptor = openSync(unfinished, 'w', FILE_MODE);
    try {
      fchmodSync(descriptor, FILE_MODE);
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatingError(`${file} cannot be written (${code})`, { cause: error });
  }
}
