/**
 * Definitions, as RabbitMQ exports and imports them: the categories of a JSON object, each a list of
 * objects. What is in those is checked by whoever takes it.
 */
import { badRequest } from '../http-error.js';
import { fieldOf, isTooDeep, type JsonObject } from '../json-body.js';

/** In the order in which one needs the other. */
const CATEGORIES = [
  'users',
  'vhosts',
  'permissions',
  'topic_permissions',
  'parameters',
  'global_parameters',
  'policies',
  'exchanges',
  'queues',
  'bindings',
] as const;

export type Category = (typeof CATEGORIES)[number];
export type Definitions = Readonly<Record<Category, readonly JsonObject[]>>;

/** What there is in the definitions of one virtual host; each without its name. */
const OF_VIRTUAL_HOST: readonly Category[] = ['parameters', 'policies', 'exchanges', 'queues', 'bindings'];

/**
 * Reads definitions.
 *
 * @param virtualHost which all of them are of, where they are of one
 * @throws HttpError 400
 */
export function parseDefinitions(text: string, virtualHost?: string): Definitions {
  if (isTooDeep(text)) throw badRequest('failed_to_parse_json');
  let value: unknown;
  try {
    // Some editors put a byte order mark before it.
    value = text.trim() === '' ? {} : JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw badRequest('failed_to_parse_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('failed_to_parse_json');
  }
  const body = value as JsonObject;
  const definitions = {} as Record<Category, readonly JsonObject[]>;
  for (const category of CATEGORIES) {
    const taken = virtualHost === undefined || OF_VIRTUAL_HOST.includes(category);
    const list = taken ? listOf(body, category) : [];
    definitions[category] =
      virtualHost === undefined ? list : list.map((one) => ({ ...one, vhost: virtualHost }));
  }
  return definitions;
}

function listOf(body: JsonObject, category: Category): JsonObject[] {
  const list = fieldOf(body, category);
  if (list === undefined || list === null) return [];
  const isList = Array.isArray(list) && list.every((one) => typeof one === 'object' && one !== null);
  if (!isList) throw badRequest(`${category} should be a list of objects`);
  return list as JsonObject[];
}
