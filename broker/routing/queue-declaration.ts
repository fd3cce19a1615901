/** What queue.declare says: what it leaves out, and whether it fits a queue that is there. */
import { randomBytes } from 'node:crypto';
import { type FieldTable, longString } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { equivalentArguments } from '../queue/arguments.js';
import { requireEqual, requireEqualArguments } from '../queue/equivalence.js';
import type { Queue } from '../queue/queue.js';

/** What queue.declare says, and the connection that says it. */
export interface QueueDeclaration {
  name: string;
  /** The name was made by `newQueueName`, because the client left it to the broker. */
  serverNamed: boolean;
  durable: boolean;
  exclusive: boolean;
  autoDelete: boolean;
  args: FieldTable;
  connection: object;
}

/** A name for a queue whose client leaves it to the broker. */
export function newQueueName(): string {
  return `amq.gen-${randomBytes(16).toString('base64url')}`;
}

/** RabbitMQ's rule for what says no type: the virtual host's, where the queue can be of it. */
export function withDefaultType(
  { serverNamed, durable, exclusive, autoDelete, args }: QueueDeclaration,
  defaultType: 'classic' | 'quorum' | undefined,
): FieldTable {
  if (defaultType === undefined || args.has('x-queue-type')) return args;
  const classicOnly = serverNamed || exclusive || autoDelete || !durable;
  if (defaultType === 'quorum' && classicOnly) return args;
  return new Map([...args, ['x-queue-type', longString(defaultType)]]);
}

/**
 * Refuses a declaration that differs from the queue that is there.
 *
 * @throws ProtocolError 405, 406
 */
export function requireSameQueue(known: Queue, declaration: QueueDeclaration): void {
  const { label } = known;
  const { durable, autoDelete, exclusive, args, connection } = declaration;
  if (known.owner !== (exclusive ? connection : undefined)) throw lockedQueue(label);
  requireEqual(label, 'durable', durable, known.durable);
  requireEqual(label, 'auto_delete', autoDelete, known.autoDelete);
  requireEqualArguments(label, equivalentArguments(known.settings, args), args, known.args);
}

/** The error for a queue that is another connection's. */
export function lockedQueue(label: string): ProtocolError {
  return new ProtocolError(
    405,
    `cannot obtain exclusive access to locked ${label}. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  );
}
