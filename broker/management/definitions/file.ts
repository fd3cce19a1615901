/** Definitions in a file, which are imported when the broker starts. */
import { readFile } from 'node:fs/promises';
import { HttpError } from '../http-error.js';
import type { World } from './apply.js';
import { parseDefinitions } from './definitions.js';
import { importDefinitions } from './import.js';

class DefinitionsError extends Error {
  readonly code = 'ERR_WARREN_BROKER_DEFINITIONS';

  constructor(file: string, reason: string, cause: unknown) {
    super(`the definitions in ${file} cannot be imported: ${reason}`, { cause });
    this.name = 'DefinitionsError';
  }
}

/** Imports a file. Rejects with a DefinitionsError, and then nothing has been changed. */
export async function importFile(world: World, file: string): Promise<void> {
  try {
    await importDefinitions(world, parseDefinitions(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof HttpError) throw new DefinitionsError(file, reasonOf(error), error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code !== undefined) throw new DefinitionsError(file, `it cannot be read (${code})`, error);
    throw error;
  }
}

function reasonOf({ body }: HttpError): string {
  const reason = body?.reason ?? '';
  return typeof reason === 'string' ? reason : JSON.stringify(reason);
}
