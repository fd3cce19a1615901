/** What is done to the messages of a queue: purged, fetched, looked at. */
import type { Delivery } from '../../embedding/message.js';
import { changeTopology, withChannel } from '../amqp-request.js';
import { ofVirtualHost } from '../authorization.js';
import { badRequest } from '../http-error.js';
import { fieldOf, integerField, type JsonObject, requireFields } from '../json-body.js';
import { type PayloadEncoding, payloadToJson, propertiesToJson } from '../message-json.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, type Resource } from '../resource.js';
import { ShownMessages } from '../shown-messages.js';
import { Turns } from '../turns.js';
import { requireQueue } from './queues.js';

/** What one request fetches at most, whatever it asks for: fewer than were asked for is a valid answer. */
const MESSAGES_MAX = 10_000;
/** Of bodies, of which little may be shown. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** For whatever reads messages. */
export const READING_TURNS = new Turns({ runningMax: 4, waitingMax: 64, waitMs: 10_000 });

const ACK_MODES = [
  'ack_requeue_true',
  'ack_requeue_false',
  'reject_requeue_true',
  'reject_requeue_false',
] as const;
type AckMode = (typeof ACK_MODES)[number];

async function purge(request: ManagementRequest): Promise<Answer> {
  const { name } = requireQueue(request);
  await changeTopology(request, request.virtualHost, (channel) => channel.purgeQueue(name));
  return NO_CONTENT;
}

interface Fetch {
  readonly count: number;
  readonly ackMode: AckMode;
  readonly encoding: PayloadEncoding;
  readonly truncate: number | undefined;
}

export function parseEncoding(encoding: unknown): PayloadEncoding {
  if (encoding === 'auto' || encoding === 'base64') return encoding;
  throw badRequest('Unsupported encoding. Please use auto or base64.');
}

function parseFetch(body: JsonObject): Fetch {
  requireFields(body, 'ackmode', 'count', 'encoding');
  const ackMode = fieldOf(body, 'ackmode');
  if (!ACK_MODES.includes(ackMode as AckMode)) throw badRequest(['unsupported_ackmode', ackMode as string]);
  const count = integerField(body, 'count');
  const encoding = parseEncoding(fieldOf(body, 'encoding'));
  const truncate = fieldOf(body, 'truncate') === undefined ? undefined : integerField(body, 'truncate');
  if (truncate !== undefined && truncate < 0) throw badRequest(['negative', 'truncate']);
  // RabbitMQ takes a count below zero for as many as there are.
  const most = count < 0 ? MESSAGES_MAX : Math.min(count, MESSAGES_MAX);
  return { count: most, ackMode: ackMode as AckMode, encoding, truncate };
}

async function fetch(request: ManagementRequest): Promise<Answer> {
  const { count, ackMode, encoding, truncate } = parseFetch(request.json());
  const queue = request.parameter('queue');
  return withChannel(request, async (channel) => {
    const shown = new ShownMessages();
    const deliveries: Delivery[] = [];
    const rejects = ackMode.startsWith('reject');
    for (let bytes = 0; shown.count < count && bytes <= BODY_BYTES_MAX && !shown.isFull; ) {
      const delivery = await channel.get(queue, { noAck: ackMode === 'ack_requeue_false' });
      if (delivery === undefined) break;
      bytes += delivery.body.length;
      shown.add(show(delivery, encoding, truncate));
      if (rejects) deliveries.push(delivery);
      await shown.rest();
    }
    // All at the end: what is requeued at once would be fetched again. The rest goes back with the channel.
    for (const delivery of deliveries) delivery.nack({ requeue: ackMode === 'reject_requeue_true' });
    return { status: 200, stream: shown.pieces('[', ']') };
  });
}

function show(delivery: Delivery, encoding: PayloadEncoding, truncate: number | undefined): object {
  return {
    payload_bytes: delivery.body.length,
    redelivered: delivery.redelivered,
    exchange: delivery.exchange,
    routing_key: delivery.routingKey,
    message_count: delivery.messageCount,
    properties: propertiesToJson(delivery.wireProperties),
    ...payloadToJson(delivery.body, encoding, truncate),
  };
}

/** Of clusters and mirrors: there is nothing to be done. */
function act(request: ManagementRequest): Answer {
  requireQueue(request);
  const body = request.json();
  requireFields(body, 'action');
  const action = fieldOf(body, 'action');
  if (action !== 'sync' && action !== 'cancel_sync') throw badRequest(['unknown', action as string]);
  return NO_CONTENT;
}

export const queueMessageResources: readonly Resource[] = [
  {
    path: '/queues/:vhost/:queue/contents',
    access: ofVirtualHost,
    operations: { DELETE: { summary: 'Purge a queue', run: purge } },
  },
  {
    path: '/queues/:vhost/:queue/get',
    access: ofVirtualHost,
    operations: {
      POST: {
        summary: 'Fetch messages, which changes the queue',
        turns: READING_TURNS,
        body: {
          count: `*integer, ${MESSAGES_MAX} at most`,
          ackmode: `*${ACK_MODES.join(', ')}`,
          encoding: '*auto or base64',
          truncate: 'integer: bytes of the payload',
        },
        run: fetch,
      },
    },
  },
  {
    path: '/queues/:vhost/:queue/actions',
    access: ofVirtualHost,
    operations: {
      POST: { summary: 'sync or cancel_sync, of mirrors', body: { action: '*string' }, run: act },
    },
  },
];
