/**
 * Passwords: asked for on a terminal, read from standard input, a file or the environment, and never from
 * the command line, where everyone on the machine sees them.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { UsageError } from '../failure.js';

/** The environment variable with the password of the user that a command is about. */
export const USER_PASSWORD_VARIABLE = 'WARREN_USER_PASSWORD';

/** Where the password of the user that a command is about is, for commander. */
export const PASSWORD_OPTION = [
  '--password-file <file>',
  `read the password from a file, - for standard input (${USER_PASSWORD_VARIABLE}; otherwise it is asked for)`,
] as const;

/**
 * The password (or hash) of the user that a command is about.
 *
 * @param twice ask twice on a terminal, since it becomes the password
 * @throws UsageError when there is none
 */
export async function userSecret(
  label: string,
  options: { passwordFile?: string | undefined; twice?: boolean },
): Promise<string> {
  const { passwordFile, twice = false } = options;
  const variable = process.env[USER_PASSWORD_VARIABLE];
  let secret: string;
  if (passwordFile !== undefined && passwordFile !== '-') secret = readSecretFile(passwordFile);
  else if (passwordFile === undefined && variable !== undefined) secret = variable;
  else if (process.stdin.isTTY) secret = await askTerminal(label, twice);
  else secret = firstLine(await text(process.stdin));
  if (secret === '') {
    throw new UsageError(
      `${label}: none was given; write it to standard input, or name it with --password-file or ${USER_PASSWORD_VARIABLE}`,
    );
  }
  return secret;
}

/** Asks for a password without showing it; what is typed goes nowhere but into the answer. */
export async function askTerminal(label: string, twice = false): Promise<string> {
  const first = await askHidden(`${label}: `);
  if (twice && first !== (await askHidden(`${label}, again: `))) {
    throw new UsageError(`${label}: the two are not the same`);
  }
  return first;
}

async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('line', resolve);
      // By Ctrl-C or Ctrl-D.
      terminal.once('close', () => reject(new UsageError('no password was given')));
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

function readSecretFile(path: string): string {
  try {
    return firstLine(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--password-file: the file ${path} cannot be read (${code})`, { cause: error });
  }
}

/** Without the line feed that an editor or `echo` puts at the end. */
function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
