/** The arguments of basic.consume: which a queue takes, and what they come to. The texts of the errors are RabbitMQ's. */
import { type FieldTable, integerOf } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Queue } from './queue.js';

/** What consumers of a stream may say, and no others. */
const OF_STREAMS = ['x-stream-offset', 'x-stream-filter', 'x-stream-match-unfiltered'];

/**
 * The priority of a consumer that is to be; what nobody knows has no effect.
 *
 * @throws ProtocolError 406 that names the argument
 */
export function consumerPriority(queue: Queue, args: FieldTable): number {
  if (args.size === 0) return 0;
  const value = args.get('x-priority');
  const priority = value === undefined ? 0 : integerOf(value);
  if (priority === undefined) throw invalid(queue, 'x-priority', `: "expected integer, got ${value?.type}"`);
  const foreign = OF_STREAMS.find((name) => args.has(name));
  if (foreign !== undefined)
    throw invalid(queue, foreign, ` of queue type rabbit_${queue.settings.type}_queue`);
  return priority;
}

function invalid(queue: Queue, name: string, wrong: string): ProtocolError {
  return new ProtocolError(406, `invalid arg '${name}' for ${queue.label}${wrong}`);
}
