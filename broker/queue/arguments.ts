/**
 * The arguments of a queue: which there are, what they may be, and what they come to. The texts of
 * the errors are RabbitMQ's.
 */
import { type FieldTable, type FieldValue, integerOf, textOf } from '../protocol/field-table.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';

/** What the arguments of a queue come to. */
export interface QueuePolicy {
  readonly type: 'classic' | 'quorum';
  readonly messageTtlMs: number | undefined;
  readonly expiresMs: number | undefined;
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterRoutingKey: string | undefined;
  readonly lengthMax: number | undefined;
  readonly lengthBytesMax: number | undefined;
  readonly overflow: 'drop-head' | 'reject-publish' | 'reject-publish-dlx';
  readonly priorityMax: number;
  readonly singleActiveConsumer: boolean;
  readonly deliveryLimit: number | undefined;
  /** 0 for none. */
  readonly consumerTimeoutMs: number | undefined;
}

/** Returns Erlang's notation of what is wrong, or undefined. */
type Check = (value: FieldValue, table: FieldTable) => string | undefined;

const integer: Check = (value) =>
  integerOf(value) === undefined ? `"expected integer, got ${value.type}"` : undefined;

const notNegative: Check = (value, table) => {
  const wrong = integer(value, table);
  if (wrong !== undefined) return wrong;
  const number = integerOf(value) as number;
  return number < 0 ? `{value_negative,${number}}` : undefined;
};

const positive: Check = (value, table) =>
  notNegative(value, table) ?? (integerOf(value) === 0 ? '{value_zero,0}' : undefined);

/** Timers of RabbitMQ reach no further than this. */
const TIMER_MS_MAX = 4_294_967_295;

const duration =
  (check: Check): Check =>
  (value, table) => {
    const wrong = check(value, table);
    if (wrong !== undefined) return wrong;
    const number = integerOf(value) as number;
    return number > TIMER_MS_MAX ? `{value_too_large,${number}}` : undefined;
  };

const text: Check = (value) => (value.type === 'longstr' ? undefined : `{unacceptable_type,${value.type}}`);

const oneOf =
  (wrong: string, ...choices: string[]): Check =>
  (value, table) =>
    text(value, table) ?? (choices.includes(textOf(value) as string) ? undefined : wrong);

const bool: Check = (value) => (value.type === 'bool' ? undefined : `{unacceptable_type,${value.type}}`);

const priority: Check = (value, table) => {
  const wrong = notNegative(value, table);
  if (wrong !== undefined) return wrong;
  const number = integerOf(value) as number;
  return number > 255 ? `{max_value_exceeded,${number}}` : undefined;
};

const deadLetterKey: Check = (value, table) =>
  text(value, table) ?? (table.has('x-dead-letter-exchange') ? undefined : 'routing_key_but_no_dlx_defined');

const queueMode: Check = (value, table) => {
  const wrong = text(value, table);
  const mode = textOf(value);
  if (wrong !== undefined || mode === 'default' || mode === 'lazy') return wrong;
  return `"unsupported queue mode '${mode}'"`;
};

/** In RabbitMQ's order, which decides which of several errors is reported. */
const CHECKS: readonly (readonly [string, Check])[] = [
  ['x-expires', duration(positive)],
  ['x-message-ttl', duration(notNegative)],
  ['x-dead-letter-exchange', text],
  ['x-dead-letter-routing-key', deadLetterKey],
  ['x-dead-letter-strategy', oneOf('invalid_dlx_strategy', 'at-most-once', 'at-least-once')],
  ['x-max-length', notNegative],
  ['x-max-length-bytes', notNegative],
  ['x-max-priority', priority],
  ['x-overflow', oneOf('invalid_overflow', 'drop-head', 'reject-publish', 'reject-publish-dlx')],
  ['x-queue-mode', queueMode],
  ['x-single-active-consumer', bool],
  ['x-queue-type', text],
  ['x-delivery-limit', notNegative],
  ['x-consumer-timeout', duration(notNegative)],
];

/** Known to RabbitMQ, and would change what happens, but there is nothing here that would do it. */
const ABSENT = ['x-max-age', 'x-stream-max-segment-size-bytes', 'x-stream-filter-size-bytes'];

/** How often a quorum queue hands out a message when nothing else is said (RabbitMQ 4.0). */
const QUORUM_DELIVERY_LIMIT = 20;

/**
 * Checks the arguments of a queue.
 *
 * @throws ProtocolError 406 that names the argument
 */
export function parseQueueArguments(name: string, table: FieldTable): QueuePolicy {
  for (const [key, check] of CHECKS) {
    const value = table.get(key);
    if (value === undefined) continue;
    if (key === 'x-dead-letter-exchange' && value.type !== 'longstr') {
      throw new ProtocolError(
        406,
        `invalid type '${value.type}' for arg '${key}' in ${named('queue', name)}`,
      );
    }
    const wrong = check(value, table);
    if (wrong !== undefined) {
      throw new ProtocolError(406, `invalid arg '${key}' for ${named('queue', name)}: ${wrong}`);
    }
  }
  const type = textOf(table.get('x-queue-type')) ?? 'classic';
  if (type !== 'classic' && type !== 'quorum') {
    const wrong =
      type === 'stream' ? 'stream queues are not implemented' : `unsupported queue type '${type}'`;
    throw new ProtocolError(406, `invalid arg 'x-queue-type' for ${named('queue', name)}: "${wrong}"`);
  }
  refuseAbsent(name, table, type);
  const number = (key: string): number | undefined => integerOf(table.get(key));
  return {
    type,
    messageTtlMs: number('x-message-ttl'),
    expiresMs: number('x-expires'),
    deadLetterExchange: textOf(table.get('x-dead-letter-exchange')),
    deadLetterRoutingKey: textOf(table.get('x-dead-letter-routing-key')),
    lengthMax: number('x-max-length'),
    lengthBytesMax: number('x-max-length-bytes'),
    overflow: (textOf(table.get('x-overflow')) ?? 'drop-head') as QueuePolicy['overflow'],
    priorityMax: number('x-max-priority') ?? 0,
    singleActiveConsumer: table.get('x-single-active-consumer')?.value === true,
    consumerTimeoutMs: number('x-consumer-timeout'),
    deliveryLimit: type === 'quorum' ? (number('x-delivery-limit') ?? QUORUM_DELIVERY_LIMIT) : undefined,
  };
}

function refuseAbsent(name: string, table: FieldTable, type: 'classic' | 'quorum'): void {
  for (const key of ABSENT) {
    if (table.has(key)) {
      throw new ProtocolError(406, `invalid arg '${key}' for ${named('queue', name)}: not_implemented`);
    }
  }
  const foreign = type === 'quorum' ? ['x-max-priority', 'x-queue-mode'] : ['x-delivery-limit'];
  for (const key of foreign) {
    if (!table.has(key)) continue;
    throw new ProtocolError(
      406,
      `invalid arg '${key}' for ${named('queue', name)} of queue type rabbit_${type}_queue`,
    );
  }
}

/** Names of the arguments that have to be equal when a queue is declared again, in RabbitMQ's order. */
export const EQUIVALENT_QUEUE_ARGUMENTS: readonly string[] = CHECKS.map(([key]) => key);
