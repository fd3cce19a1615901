/** Which messages a browse shows: those that all that the query says is true of. */
import type { FieldValue } from '../protocol/field-table.js';
import type { Properties } from '../protocol/properties.js';
import { matchesBindingKey } from '../routing/topic-router.js';
import { badRequest } from './http-error.js';

/** A message as far as it is looked at. */
export interface Browsed {
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly properties: Properties;
  readonly body: Buffer;
}

type Condition = (message: Browsed) => boolean;

const HEADER = 'header.';

/** The parameters of a browse that are conditions, for the document. */
export const BROWSE_CONDITIONS = {
  exchange: 'where it was published to',
  routing_key: 'its routing key, as a binding key of a topic exchange: * for a word, # for any number',
  redelivered: 'true or false',
  message_id: 'its message-id',
  contains: 'a text within its body',
  'header.NAME': 'the value of a header',
};

/** @throws HttpError 400 for a value that says nothing */
export function parseConditions(query: URLSearchParams): Condition {
  const conditions: Condition[] = [];
  for (const [name, value] of query) {
    const condition = parseCondition(name, value);
    if (condition !== undefined) conditions.push(condition);
  }
  return (message) => conditions.every((holds) => holds(message));
}

function parseCondition(name: string, value: string): Condition | undefined {
  switch (name) {
    case 'exchange':
      return ({ exchange }) => exchange === (value === 'amq.default' ? '' : value);
    case 'routing_key':
      return ({ routingKey }) => matchesBindingKey(value, routingKey);
    case 'message_id':
      return ({ properties }) => properties.messageId === value;
    case 'contains':
      return ({ body }) => body.includes(value);
    case 'redelivered':
      if (value !== 'true' && value !== 'false') throw badRequest(['not_boolean', value]);
      return ({ redelivered }) => redelivered === (value === 'true');
    default:
      return name.startsWith(HEADER) ? headerIs(name.slice(HEADER.length), value) : undefined;
  }
}

function headerIs(name: string, value: string): Condition {
  return ({ properties }) => {
    const field = properties.headers?.get(name);
    return field !== undefined && textOf(field) === value;
  };
}

function textOf({ type, value }: FieldValue): string | undefined {
  return type === 'table' || type === 'array' || type === 'void' ? undefined : String(value);
}
