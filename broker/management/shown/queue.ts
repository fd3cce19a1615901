/** A queue as JSON. */
import { headTimestamp } from '../../queue/head-timestamp.js';
import type { Queue } from '../../queue/queue.js';
import { QuorumQueue } from '../../queue/quorum-queue.js';
import { Consuming } from '../../transport/consuming.js';
import { toJson } from '../field-json.js';
import { channelDetails, showConsumer } from './connection.js';
import { type Counts, deliveryCounts, messageStats, type Showing, withRates } from './statistics.js';

/** How much is shown: no statistics, counts of messages alone, what a listing has, or all of it. */
export type Detail = 'none' | 'totals' | 'some' | 'full';

export function showQueue(showing: Showing, vhost: string, queue: Queue, detail: Detail): object {
  const { nodeName } = showing;
  const declared = {
    name: queue.name,
    vhost,
    type: queue.type,
    durable: queue.durable,
    auto_delete: queue.autoDelete,
    exclusive: queue.owner !== undefined,
    arguments: toJson(queue.args),
    node: nodeName,
    state: 'running',
    ...(queue.type === 'quorum' ? { leader: nodeName, members: [nodeName], online: [nodeName] } : {}),
  };
  if (detail === 'none') return declared;
  if (detail === 'totals') return { ...declared, ...totals(queue) };
  return {
    ...declared,
    ...withRates(totals(queue), showing.rates(queue)),
    ...contents(queue),
    policy: queue.policies.policy ?? null,
    operator_policy: queue.policies.operatorPolicy ?? null,
    effective_policy_definition: queue.policies.definition ?? {},
    ...consuming(queue),
    ...messageStats(counts(queue), showing.rates(queue)),
    ...(detail === 'full' ? details(showing, vhost, queue) : {}),
  };
}

function totals({ readyCount, unackedCount }: Queue): Counts {
  return {
    messages: readyCount + unackedCount,
    messages_ready: readyCount,
    messages_unacknowledged: unackedCount,
  };
}

/** What is in it, as far as RabbitMQ tells it apart. */
function contents(queue: Queue): object {
  const { readyBytes, unackedBytes, persistentCount, persistentBytes } = queue;
  return {
    message_bytes: readyBytes + unackedBytes,
    message_bytes_ready: readyBytes,
    message_bytes_unacknowledged: unackedBytes,
    messages_persistent: persistentCount,
    message_bytes_persistent: persistentBytes,
    messages_ram: queue.ready.residentCount + queue.unackedCount,
    ...(queue instanceof QuorumQueue ? deadLettersOf(queue) : inMemory(queue)),
  };
}

function deadLettersOf({ heldCount, heldBytes }: QuorumQueue): object {
  return { messages_dlx: heldCount, message_bytes_dlx: heldBytes };
}

/** What RabbitMQ shows of classic queues alone. */
function inMemory(queue: Queue): object {
  const { ready, unackedCount } = queue;
  return {
    messages_ready_ram: ready.residentCount,
    messages_unacknowledged_ram: unackedCount,
    messages_paged_out: queue.readyCount - ready.residentCount,
    head_message_timestamp: headTimestamp(queue) ?? null,
  };
}

function consuming(queue: Queue): object {
  const { consumers, consumerCount } = queue;
  const single = queue.settings.singleActiveConsumer ? consumers.singleActiveConsumer?.tag : undefined;
  return {
    consumers: consumerCount,
    // Whether a message that comes would go to a consumer at once.
    consumer_capacity: consumerCount > 0 && queue.readyCount === 0 ? 1 : 0,
    consumer_utilisation: consumerCount > 0 && queue.readyCount === 0 ? 1 : 0,
    exclusive_consumer_tag: [...consumers].find((one) => one.exclusive)?.tag ?? null,
    single_active_consumer_tag: single ?? null,
  };
}

function counts({ publishes, deliveries }: Queue): Counts {
  return { ...(publishes === 0 ? {} : { publish: publishes }), ...deliveryCounts(deliveries) };
}

function details(showing: Showing, vhost: string, queue: Queue): object {
  return {
    consumer_details: [...queue.consumers].map((one) => showConsumer(showing, vhost, one)),
    incoming: queue.incoming.map(({ exchange, publish }) => ({
      exchange: { name: exchange.name, vhost },
      stats: withRates({ publish }),
    })),
    deliveries: [...queue.consumers].map((one) => ({
      channel_details:
        one.subscriber instanceof Consuming ? channelDetails(showing.nodeName, one.subscriber) : {},
      stats: withRates(deliveryCounts(one.deliveries)),
    })),
    storage_version: 2,
  };
}
