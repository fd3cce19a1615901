/** Which consumers, gets and deletions a queue lets in, by its type; the errors are RabbitMQ's. */
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Queue } from './queue.js';

/**
 * Refuses a consumer that may not be. A quorum queue takes no notice of exclusive ones.
 *
 * @param channelPrefetch whether its channel has a prefetch as a whole (basic.qos with global)
 * @throws ProtocolError 403 when it is or finds an exclusive one, 540
 */
export function admitConsumer(queue: Queue, exclusive: boolean, channelPrefetch: boolean): void {
  const what = queue.label;
  const { type, singleActiveConsumer } = queue.settings;
  if (type === 'quorum') {
    if (channelPrefetch) throw new ProtocolError(540, `${what} does not support global qos`);
    return;
  }
  const shared = queue.consumerCount > 0 || singleActiveConsumer;
  if (queue.hasExclusiveConsumer || (exclusive && shared)) {
    throw new ProtocolError(403, `${what} in exclusive use`);
  }
}

/** Refuses a basic.get. @throws ProtocolError 405 */
export function admitGet(queue: Queue): void {
  if (queue.settings.type !== 'quorum' || !queue.settings.singleActiveConsumer) return;
  throw new ProtocolError(
    405,
    `cannot obtain access to locked ${queue.label}. basic.get operations are not supported by quorum queues with single active consumer`,
  );
}

/** Refuses a deletion on conditions that do not hold, or are not asked. @throws ProtocolError 406, 540 */
export function admitDeletion(queue: Queue, ifUnused: boolean, ifEmpty: boolean): void {
  if (!ifUnused && !ifEmpty) return;
  const what = queue.label;
  if (queue.settings.type === 'quorum') {
    const flag = ifUnused ? 'if-unused' : 'if-empty';
    throw new ProtocolError(
      540,
      `cannot delete ${what}. queue.delete operations with ${flag} flag set are not supported by quorum queues`,
    );
  }
  if (ifUnused && queue.consumerCount > 0) throw new ProtocolError(406, `${what} in use`);
  if (ifEmpty && queue.readyCount > 0) throw new ProtocolError(406, `${what} not empty`);
}
