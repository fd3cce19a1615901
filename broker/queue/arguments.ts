/**
 * The arguments of a queue: which there are, and what they may be. The texts of the errors are RabbitMQ's.
 * What they come to is in settings.ts.
 */
import { type FieldTable, type FieldValue, integerOf, textOf } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { QueueType } from './host-counters.js';
import { type QueueSettings, settingsOf } from './settings.js';

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

const version: Check = (value, table) => {
  const wrong = notNegative(value, table);
  const number = integerOf(value);
  if (wrong !== undefined || number === 1 || number === 2) return wrong;
  return `"unsupported queue version '${number}'"`;
};

const CLASSIC = 1;
const QUORUM = 2;
const STREAM = 4;
const QUEUES = CLASSIC | QUORUM;
/** Of clusters, replicas and memory: checked, and nothing here depends on them. */
const NO_EFFECT = [
  ['x-queue-leader-locator', oneOf('invalid_queue_locator_arg', 'client-local', 'balanced'), QUEUES | STREAM],
  ['x-queue-master-locator', () => undefined, CLASSIC],
  ['x-quorum-initial-group-size', positive, QUORUM],
  ['x-quorum-target-group-size', positive, QUORUM],
  ['x-max-in-memory-length', notNegative, QUORUM],
  ['x-max-in-memory-bytes', notNegative, QUORUM],
  ['x-queue-version', version, CLASSIC],
] as const;

/** Each argument, and the types of queue that have it; in RabbitMQ's order, which decides of several errors. */
const ARGUMENTS: readonly (readonly [name: string, check: Check, types: number])[] = [
  ['x-expires', duration(positive), QUEUES],
  ['x-message-ttl', duration(notNegative), QUEUES],
  ['x-dead-letter-exchange', text, QUEUES],
  ['x-dead-letter-routing-key', deadLetterKey, QUEUES],
  ['x-dead-letter-strategy', oneOf('invalid_dlx_strategy', 'at-most-once', 'at-least-once'), QUORUM],
  ['x-max-length', notNegative, QUEUES],
  ['x-max-length-bytes', notNegative, QUEUES | STREAM],
  ['x-max-priority', priority, CLASSIC],
  ['x-overflow', oneOf('invalid_overflow', 'drop-head', 'reject-publish', 'reject-publish-dlx'), QUEUES],
  ['x-queue-mode', queueMode, CLASSIC],
  ['x-single-active-consumer', bool, QUEUES],
  ['x-delivery-limit', integer, QUORUM],
  ['x-consumer-timeout', duration(notNegative), QUEUES],
  ...NO_EFFECT,
  ['x-max-age', text, STREAM],
  ['x-stream-max-segment-size-bytes', notNegative, STREAM],
  ['x-stream-filter-size-bytes', notNegative, STREAM],
  ['x-initial-cluster-size', positive, STREAM],
];

/** The name of every argument that is not just kept. */
export const QUEUE_ARGUMENTS: readonly string[] = ['x-queue-type', ...ARGUMENTS.map(([name]) => name)];

/**
 * Checks the arguments of a queue: its type first, then those that the type has, then that there are no
 * others that a queue might have.
 *
 * @param what how the texts name the queue
 * @throws ProtocolError 406 that names the argument
 */
export function parseQueueArguments(what: string, table: FieldTable): QueueSettings {
  const type = queueType(what, table);
  const of = type === 'quorum' ? QUORUM : CLASSIC;
  for (const [key, check, types] of ARGUMENTS) {
    const value = table.get(key);
    if (value === undefined || (types & of) === 0) continue;
    if (key === 'x-dead-letter-exchange' && value.type !== 'longstr') {
      throw new ProtocolError(406, `invalid type '${value.type}' for arg '${key}' in ${what}`);
    }
    const wrong = check(value, table);
    if (wrong !== undefined) throw invalid(what, key, wrong);
  }
  const foreign = ARGUMENTS.find(([key, , types]) => table.has(key) && (types & of) === 0);
  if (foreign !== undefined) {
    throw new ProtocolError(
      406,
      `invalid arg '${foreign[0]}' for ${what} of queue type rabbit_${type}_queue`,
    );
  }
  return settingsOf(type, table);
}

function queueType(what: string, table: FieldTable): QueueType {
  const value = table.get('x-queue-type');
  if (value === undefined) return 'classic';
  const wrong = text(value, table);
  if (wrong !== undefined) throw invalid(what, 'x-queue-type', wrong);
  const type = textOf(value);
  if (type === 'classic' || type === 'quorum') return type;
  if (type === 'stream') {
    throw new ProtocolError(540, `stream queues are not implemented, so there is no ${what}`);
  }
  throw invalid(what, 'x-queue-type', `"unsupported queue type '${type}'"`);
}

function invalid(what: string, key: string, wrong: string): ProtocolError {
  return new ProtocolError(406, `invalid arg '${key}' for ${what}: ${wrong}`);
}

/** Names of the arguments that have to be equal when a queue is declared again: those that its type has. */
export function equivalentArguments(known: QueueSettings, received: FieldTable): string[] {
  const of = known.type === 'quorum' ? QUORUM : CLASSIC;
  const names = ARGUMENTS.filter(([, , types]) => (types & of) !== 0).map(([name]) => name);
  // Classic is what a queue is when nothing is said.
  const sameType = (textOf(received.get('x-queue-type')) ?? 'classic') === known.type;
  return sameType ? names : [...names, 'x-queue-type'];
}
