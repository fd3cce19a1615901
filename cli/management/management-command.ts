/**
 * What the commands to a broker's management API have in common: their settings, the virtual host, the
 * alias with underscores, and what a person is told.
 */
import { Command } from 'commander';
import { EXIT, OperatingError } from '../failure.js';
import { printable } from '../record-line.js';
import { settingsOf, withSettings } from '../setting-flags.js';
import { wholeNumberFrom } from './definition.js';
import { managementAddress } from './management-address.js';
import { ManagementClient, ManagementError, type ManagementRequest } from './management-client.js';

const SETTINGS = ['host', 'management.port', 'management.url', 'management.authority'];
const TIMEOUT_SECONDS = '30';
const DEFAULT_VIRTUAL_HOST = '/';

/** What a command looks like to who types it. */
export interface CommandForm {
  /** With dashes; the same with underscores is understood as well. */
  name: string;
  about: string;
  /** What is typed after `warren broker`. */
  example: string;
  /** Commander's notation and half a line. */
  arguments?: readonly (readonly [string, string])[];
  options?: readonly (readonly [flags: string, about: string, byDefault?: string])[];
  /** Options that may be given several times; their values are an array. */
  repeatable?: readonly (readonly [flags: string, about: string])[];
  inVirtualHost?: boolean;
  /** The number of words may be larger than that of the arguments. */
  moreWords?: boolean;
}

/** What was typed, and who is asked. */
export interface Given<Flags = object> {
  client: ManagementClient;
  words: readonly string[];
  flags: Flags;
  /** That of `-p`, or `/`. */
  virtualHost: string;
  /** That of `-p`, if it was there. */
  onlyVirtualHost: string | undefined;
  /** Tells what was done, unless `--quiet`. */
  say(text: string): void;
}

interface CommonFlags {
  vhost?: string;
  timeout: string;
  quiet?: boolean;
  silent?: boolean;
}

/** Makes a command; `run` is called once the broker's address is known. */
export function managementCommand<Flags = object>(
  form: CommandForm,
  run: (given: Given<Flags>) => Promise<void>,
): Command {
  const command = new Command(form.name)
    .description(form.about)
    .showHelpAfterError(`(warren broker ${form.name} --help shows how)`)
    .addHelpText('after', `\nExample:\n  warren broker ${form.example}`)
    .allowExcessArguments(form.moreWords === true);
  if (form.name.includes('-')) command.alias(form.name.replaceAll('-', '_'));
  for (const [flag, about] of form.arguments ?? []) command.argument(flag, about);
  if (form.inVirtualHost) command.option('-p, --vhost <name>', 'the virtual host');
  for (const [flags, about, byDefault] of form.options ?? []) command.option(flags, about, byDefault);
  for (const [flags, about] of form.repeatable ?? []) {
    command.option(flags, about, (value: string, before: string[]) => [...before, value], []);
  }
  command
    .option('-q, --quiet', 'say nothing of what was done')
    .option('-s, --silent', 'nor the names of columns')
    .option('-t, --timeout <seconds>', 'wait so long for an answer', TIMEOUT_SECONDS)
    .action(async (..._typed: unknown[]) => {
      const flags: CommonFlags & Flags = command.optsWithGlobals();
      const given = await givenFrom(command.args, flags);
      try {
        await run(given);
      } catch (error) {
        throw form.inVirtualHost ? await withVirtualHost(error, given) : error;
      }
    });
  return withSettings(command, SETTINGS);
}

/** A command that is one request. */
export function changeCommand<Flags = object>(
  form: CommandForm,
  change: (given: Given<Flags>) => ManagementRequest & { done: string },
): Command {
  return managementCommand<Flags>(form, async (given) => {
    const { done, ...request } = change(given);
    await given.client.ask(request);
    given.say(done);
  });
}

/** Prints a line of text, safe for the terminal. */
export function printLine(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** A word that commander has made sure is there. */
export function word(words: readonly string[], index: number): string {
  return words[index] as string;
}

async function givenFrom<Flags>(words: readonly string[], flags: CommonFlags & Flags): Promise<Given<Flags>> {
  const timeoutMs = wholeNumberFrom(flags.timeout, '--timeout', 1) * 1000;
  return {
    client: new ManagementClient(await managementAddress(settingsOf(flags as object), timeoutMs)),
    words,
    flags,
    virtualHost: flags.vhost ?? DEFAULT_VIRTUAL_HOST,
    onlyVirtualHost: flags.vhost,
    say: (text) => {
      if (!flags.quiet && !flags.silent) printLine(text);
    },
  };
}

/** Where something is missing because the virtual host is, says so. */
async function withVirtualHost(error: unknown, { client, virtualHost }: Given<unknown>): Promise<unknown> {
  if (!(error instanceof ManagementError) || error.exitCode !== EXIT.absent) return error;
  try {
    await client.get(['vhosts', virtualHost]);
  } catch (reason) {
    // Who may not look at virtual hosts keeps the first answer.
    if (reason instanceof ManagementError && reason.status === 404) {
      return new OperatingError(`there is no virtual host '${virtualHost}'`, {
        cause: error,
        exitCode: EXIT.absent,
      });
    }
  }
  return error;
}
