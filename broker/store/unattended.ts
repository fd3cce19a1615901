/** Work that no peer waits for: of a timer, of the end of a turn, of a commit. */
import { DataDirectoryError } from './data-directory-error.js';

/**
 * Does the work. A damaged disk ends it here, since nobody is there to be told: the store has told the
 * broker, which closes every connection and ends.
 */
export function unattended(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof DataDirectoryError)) throw error;
  }
}
