/**
 * The user that Warren's own parts log in to the embedded broker as: its password is made anew at each
 * start and told to the parts alone, so that an operator may delete `guest`.
 */
import { randomBytes } from 'node:crypto';

export const OWN_USER = 'warren';

/** Where a supervised broker finds the password that its supervisor has made. */
export const OWN_PASSWORD_VARIABLE = 'WARREN_OWN_PASSWORD';

const PASSWORD_BYTES = 24;

export function newOwnPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url');
}
