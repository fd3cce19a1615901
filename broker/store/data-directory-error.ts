/** What can be wrong with a broker's data directory, each in one line that says what to do. */

type DataDirectoryErrorCode =
  | 'ERR_WARREN_DATA_DIRECTORY'
  | 'ERR_WARREN_DATA_DIRECTORY_IN_USE'
  | 'ERR_WARREN_DATABASE_NEWER'
  | 'ERR_WARREN_DATABASE_DAMAGED';

export class DataDirectoryError extends Error {
  readonly code: DataDirectoryErrorCode;

  constructor(code: DataDirectoryErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataDirectoryError';
    this.code = code;
  }
}

/** The system's or SQLite's code of an error, such as `SQLITE_CORRUPT`; its text where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** What is the matter, and what to do, where the code tells. */
export function remedyOf(error: unknown): string {
  const code = codeOf(error);
  if (['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(code)) return 'its disk is full; make room';
  if (code.startsWith('SQLITE_READONLY')) return 'it is read-only; mend its permissions or choose another';
  if (code.startsWith('SQLITE_CANTOPEN')) return 'mend its permissions or choose another';
  return 'its disk fails';
}

const DAMAGE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_CORRUPTFS', 'SQLITE_IOERR_DATA'];

/** Whether it is SQLite's word for a file whose bytes make no sense. */
export function isDamage(error: unknown): boolean {
  return DAMAGE.some((code) => codeOf(error).startsWith(code));
}

/** The error for a file that is damaged. */
export function damageOf(path: string, what: string, cause?: unknown): DataDirectoryError {
  return new DataDirectoryError(
    'ERR_WARREN_DATABASE_DAMAGED',
    `${path} is damaged (${what}); warren broker check tells how far, warren broker repair saves what can be read, or restore a backup`,
    cause,
  );
}
