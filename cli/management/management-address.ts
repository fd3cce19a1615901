/**
 * Where the management API of a command's broker is, from the settings, and who asks there.
 */
import { readFileSync } from 'node:fs';
import type { Configuration } from '../configuration/schema.js';
import { managementUrl } from '../configuration/urls.js';
import { UsageError } from '../failure.js';
import type { ManagementAddress } from './management-client.js';
import { askTerminal } from './secret.js';

/** Whom a broker lets in from its own machine, when nobody else is named. */
const BY_DEFAULT = { user: 'guest', password: 'guest' };

/**
 * Asks for the password where the address names a user without one.
 *
 * @throws UsageError when there is nobody to ask
 */
export async function managementAddress(
  configuration: Configuration,
  timeoutMs: number,
): Promise<ManagementAddress> {
  const url = new URL(managementUrl(configuration));
  const user = decoded(url.username);
  const password = decoded(url.password);
  url.username = '';
  url.password = '';
  const { authority } = configuration.management;
  return {
    url,
    credentials:
      user === '' && password === ''
        ? BY_DEFAULT
        : { user, password: password === '' ? await passwordOf(user) : password },
    authority: authority === undefined ? undefined : authorityFrom(authority),
    timeoutMs,
  };
}

async function passwordOf(user: string): Promise<string> {
  if (process.stdin.isTTY) return await askTerminal(`Password of ${user}`);
  throw new UsageError(
    `there is no password for the user '${user}'; put the whole address into WARREN_MANAGEMENT_URL, or into a file that WARREN_MANAGEMENT_URL_FILE names`,
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new UsageError(
      "WARREN_MANAGEMENT_URL or --management-url: a percent sign in the user or the password is written '%25'",
      { cause: error },
    );
  }
}

function authorityFrom(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `WARREN_MANAGEMENT_AUTHORITY or --management-authority: the file ${path} cannot be read (${code})`,
      { cause: error },
    );
  }
}
