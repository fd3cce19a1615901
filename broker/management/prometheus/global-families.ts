/**
 * The families of metrics of all messages together, by protocol and by type of queue. They are counted
 * apart from queues and channels, so that they never fall.
 */
import type { DeliveryCounters, LetterCounters } from '../../queue/counters.js';
import {
  DEAD_LETTER_STRATEGIES,
  type DeadLetterStrategy,
  type HostCounters,
  QUEUE_TYPES,
  type QueueType,
} from '../../queue/host-counters.js';
import { MESSAGE_SIZE_BOUNDS } from '../../queue/message-sizes.js';
import { label } from './exposition.js';
import { type Family, family, type Metric, type Row, type Scope, type Steps } from './family.js';
import type { Readings } from './readings.js';

/** The one protocol that is spoken; its name is that of RabbitMQ's label. */
const PROTOCOL = label('protocol', 'amqp091');

const counter = <T>(name: string, help: string, read: (object: T) => number | undefined): Metric<T> => ({
  name: `global_messages_${name}_total`,
  type: 'counter',
  help,
  read,
});

const PUBLISHED: readonly Metric<HostCounters>[] = [
  counter('received', 'Messages that publishers sent', ({ received }) => received),
  counter(
    'received_confirm',
    'Messages that publishers sent on channels with confirms',
    ({ receivedConfirm }) => receivedConfirm,
  ),
  counter('routed', 'Messages routed to queues, counted once for each queue', ({ routed }) => routed),
  counter(
    'unroutable_dropped',
    'Messages that no queue was bound for and that were not mandatory',
    ({ publishes }) => publishes.dropUnroutable,
  ),
  counter(
    'unroutable_returned',
    'Mandatory messages that no queue was bound for',
    ({ publishes }) => publishes.returnUnroutable,
  ),
  counter('confirmed', 'Messages confirmed to their publishers', ({ publishes }) => publishes.confirm),
];

const DELIVERED: readonly Metric<DeliveryCounters>[] = [
  counter('delivered', 'Messages delivered to consumers or fetched', ({ deliverGet }) => deliverGet),
  counter(
    'delivered_consume_manual_ack',
    'Messages delivered to consumers, to be acknowledged',
    ({ deliver }) => deliver,
  ),
  counter(
    'delivered_consume_auto_ack',
    'Messages delivered to consumers, acknowledged thereby',
    ({ deliverNoAck }) => deliverNoAck,
  ),
  counter('delivered_get_manual_ack', 'Messages fetched by basic.get, to be acknowledged', ({ get }) => get),
  counter(
    'delivered_get_auto_ack',
    'Messages fetched by basic.get, acknowledged thereby',
    ({ getNoAck }) => getNoAck,
  ),
  counter('get_empty', 'Times that basic.get found no message', ({ getEmpty }) => getEmpty),
  counter('redelivered', 'Messages delivered that had been delivered before', ({ redeliver }) => redeliver),
  counter('acknowledged', 'Messages acknowledged', ({ ack }) => ack),
];

interface Letters {
  readonly type: QueueType;
  readonly strategy: DeadLetterStrategy;
  readonly counters: LetterCounters;
}

/** @param where which queues have such a counter in RabbitMQ */
const letters = (
  reason: 'maxlen' | 'expired' | 'rejected' | 'delivery_limit' | 'confirmed',
  help: string,
  where: (letters: Letters) => boolean = () => true,
): Metric<Letters> =>
  counter(`dead_lettered_${reason}`, help, (of) => (where(of) ? of.counters[reason] : undefined));

const LETTERS: readonly Metric<Letters>[] = [
  letters(
    'maxlen',
    'Messages dropped or refused because of the length of a queue',
    ({ strategy }) => strategy !== 'at_least_once',
  ),
  letters('expired', 'Messages that expired'),
  letters('rejected', 'Messages rejected without requeue'),
  letters('delivery_limit', 'Messages delivered too often', ({ type }) => type === 'quorum'),
  letters(
    'confirmed',
    'Dead letters that their queues have confirmed',
    ({ strategy }) => strategy === 'at_least_once',
  ),
];

function* lettersOf({ counters }: Readings): Iterable<Row<Letters>> {
  for (const type of QUEUE_TYPES) {
    for (const strategy of DEAD_LETTER_STRATEGIES) {
      // A classic queue has no such strategy.
      if (type === 'classic' && strategy === 'at_least_once') continue;
      yield {
        labels: `${queueType(type)},${label('dead_letter_strategy', strategy)}`,
        object: { type, strategy, counters: counters.letters[type][strategy] },
      };
    }
  }
}

function queueType(type: QueueType): string {
  return label('queue_type', `rabbit_${type}_queue`);
}

export const globalPublished = family<Readings, HostCounters>({
  name: 'global_published',
  metrics: PUBLISHED,
  rows: ({ counters }) => [{ labels: PROTOCOL, object: counters }],
});
export const globalDelivered = family<Readings, DeliveryCounters>({
  name: 'global_delivered',
  metrics: DELIVERED,
  rows: ({ counters }) =>
    QUEUE_TYPES.map((type) => ({
      labels: `${PROTOCOL},${queueType(type)}`,
      object: counters.deliveries[type],
    })),
});
export const globalLetters = family<Readings, Letters>({
  name: 'global_letters',
  metrics: LETTERS,
  rows: lettersOf,
});

function* writeSizes(scope: Scope<Readings>): Steps {
  const { source, exposition, prefix } = scope;
  const { counts, bytes } = source.counters.sizes;
  exposition.begin(
    `${prefix}message_size_bytes`,
    'histogram',
    'Sizes of the bodies of messages that publishers sent',
  );
  let upTo = 0;
  for (const [at, bound] of [...MESSAGE_SIZE_BOUNDS, Number.POSITIVE_INFINITY].entries()) {
    upTo += counts[at] ?? 0;
    // Not as OpenMetrics prefers to write a bound (100.0): it would be another series.
    const text = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
    exposition.sample(`${PROTOCOL},${label('le', text)}`, upTo, '_bucket');
  }
  exposition.sample(PROTOCOL, upTo, '_count');
  exposition.sample(PROTOCOL, bytes, '_sum');
  yield;
}

export const globalSizes: Family<Readings> = { name: 'global_sizes', each: writeSizes, sum: writeSizes };
