/** Lets values that do not fit a field's type into an index, by `ignore_malformed` on that field. */
import type { Client, estypes } from '@elastic/elasticsearch';
import type { FieldConflict } from '../model/api.js';
import { ConsoleError } from './console-error.js';
import { mappingOf, nestedMapping } from './field-conflict.js';

/** What was set, and where. */
export interface MendOutcome {
  field: string;
  indices: string[];
}

/**
 * Sets `ignore_malformed` on the conflict's field in every index behind its name, leaving the rest of
 * the field's mapping as it is.
 *
 * @throws ConsoleError when the conflict cannot be mended this way, or the field is not mapped
 */
export async function acceptMalformed(client: Client, conflict: FieldConflict): Promise<MendOutcome> {
  const { field, index } = conflict;
  if (!conflict.mendable || index === null) {
    throw new ConsoleError('ERR_WARREN_NOT_MENDABLE', 409, conflict.advice);
  }
  const mappings = await client.indices.getMapping({ index });
  const indices: string[] = [];
  for (const [name, { mappings: mapping }] of Object.entries(mappings)) {
    const present = mappingOf(mapping.properties as Record<string, unknown> | undefined, field);
    if (!present) continue;
    const properties = nestedMapping(field, { ...present, ignore_malformed: true });
    await client.indices.putMapping({
      index: name,
      properties: properties as Record<string, estypes.MappingProperty>,
    });
    indices.push(name);
  }
  if (indices.length === 0) {
    const message = `The field ${field} is not in the mapping of ${index}: there is nothing to set. Replay the letter.`;
    throw new ConsoleError('ERR_WARREN_NOT_MENDABLE', 409, message);
  }
  return { field, indices };
}
