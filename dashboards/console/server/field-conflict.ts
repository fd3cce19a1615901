/**
 * Reads a store's refusal: which field, of which type, and what can be done about it.
 *
 * Knows the messages of Elasticsearch 7.14 to 9 and of the embedded store, which uses the same words.
 */
import type { FieldConflict } from '../model/api.js';

/** Types whose mapping takes `ignore_malformed`. */
const MENDABLE_TYPES = new Set([
  'long',
  'integer',
  'short',
  'byte',
  'unsigned_long',
  'double',
  'float',
  'half_float',
  'date',
  'date_nanos',
  'ip',
  'boolean',
]);

/**
 * The conflict that an error tells of; null when it is about something else.
 *
 * @param error `type: reason`, as the dead letter carries it
 * @param index the index or data stream that the document was meant for
 */
export function fieldConflict(error: string | null, index: string | null): FieldConflict | null {
  if (error === null) return null;
  const parse = /failed to parse(?: date)? field \[([^\]]+)\] of type \[([^\]]+)\]/.exec(error);
  if (parse?.[1] !== undefined && parse[2] !== undefined) return typeConflict(parse[1], parse[2], index);
  const object =
    /object mapping for \[([^\]]+)\] tried to parse field \[[^\]]*\] as object, but found a concrete value/.exec(
      error,
    );
  if (object?.[1] !== undefined) {
    const advice = `The index holds ${object[1]} as an object with fields below it, and this record has a plain value there. Rename the field in the application, or send the value below it, such as ${object[1]}.value.`;
    return { field: object[1], type: 'object', index, mendable: false, advice };
  }
  const concrete = /can't merge a non[- ]object mapping \[([^\]]+)\] with an object mapping/.exec(error);
  if (concrete?.[1] !== undefined) {
    const advice = `The index holds ${concrete[1]} as a plain value, and this record has an object there. Rename the field in the application.`;
    return { field: concrete[1], type: 'object', index, mendable: false, advice };
  }
  const limit = /Limit of (?:mapping |total )?fields \[(\d+)\]/i.exec(error);
  if (limit?.[1] !== undefined) {
    const advice = `The index has as many fields as it may (${limit[1]}). Put free-form values below “labels”, or raise index.mapping.total_fields.limit, then replay.`;
    return { field: '', type: '', index, mendable: false, advice };
  }
  return null;
}

function typeConflict(field: string, type: string, index: string | null): FieldConflict {
  const mendable = MENDABLE_TYPES.has(type) && index !== null;
  const cause = `The index holds ${field} as ${type}, and this record’s value is not one. `;
  const advice = mendable
    ? 'Correct the application, or accept such values: the record is then stored and found by its other fields, and this one value is kept but not searchable.'
    : 'Correct the application, or edit the letter before it is replayed.';
  return { field, type, index, mendable, advice: cause + advice };
}

/** A mapping's `properties` that reach down to one field. */
export function nestedMapping(field: string, leaf: Record<string, unknown>): Record<string, unknown> {
  const [first, ...rest] = field.split('.');
  const inner = rest.length === 0 ? leaf : { properties: nestedMapping(rest.join('.'), leaf) };
  return { [first ?? field]: inner };
}

/** The mapping of one field within `properties`; undefined when it is not there. */
export function mappingOf(
  properties: Record<string, unknown> | undefined,
  field: string,
): Record<string, unknown> | undefined {
  if (!properties) return undefined;
  const whole = properties[field];
  if (typeof whole === 'object' && whole !== null) return whole as Record<string, unknown>;
  for (let dot = field.indexOf('.'); dot > 0; dot = field.indexOf('.', dot + 1)) {
    const below = properties[field.slice(0, dot)] as { properties?: Record<string, unknown> } | undefined;
    const found = mappingOf(below?.properties, field.slice(dot + 1));
    if (found) return found;
  }
  return undefined;
}
