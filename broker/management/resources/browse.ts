/**
 * Browsing, which RabbitMQ does not have: the ready messages of a queue from an offset on, without taking
 * them out. Their order and what is told of redelivery stay as they are.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FRAME_OVERHEAD_BYTES } from '../../protocol/constants.js';
import { named } from '../../protocol/protocol-error.js';
import { propertiesOf } from '../../queue/dead-letter.js';
import type { Entry } from '../../queue/entry.js';
import type { Queue } from '../../queue/queue.js';
import { QueueBrowser } from '../../queue/queue-browser.js';
import { ofVirtualHost } from '../authorization.js';
import { BROWSE_CONDITIONS, type Browsed, parseConditions } from '../browse-filter.js';
import { badRequest, notAuthorised } from '../http-error.js';
import { payloadToJson, propertiesToJson } from '../message-json.js';
import type { ManagementRequest } from '../request.js';
import type { Answer, Resource } from '../resource.js';
import { ShownMessages } from '../shown-messages.js';
import { parseEncoding, READING_TURNS } from './queue-messages.js';
import { requireQueue } from './queues.js';

const COUNT = 20;
const COUNT_MAX = 1000;
/** What one request looks at, at most: where it stopped is told, and the next goes on from there. */
const SCANNED_MAX = 20_000;
const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

async function browse(request: ManagementRequest): Promise<Answer> {
  const queue = requireReadable(request);
  const { query } = request;
  const offset = integer(query, 'offset', 0, OFFSET_MAX);
  const count = integer(query, 'count', COUNT, COUNT_MAX);
  const encoding = parseEncoding(query.get('encoding') ?? 'auto');
  const truncate = query.has('truncate') ? integer(query, 'truncate', 0, OFFSET_MAX) : undefined;
  const holds = parseConditions(query);
  const browser = new QueueBrowser(queue, request.broker.host.store);
  const reached = await skip(browser, offset);
  const items = new ShownMessages();
  let scanned = 0;
  let over = reached < offset;
  while (!over && items.count < count && scanned < SCANNED_MAX && !items.isFull) {
    const entries = browser.read();
    over = entries.length === 0;
    for (const entry of entries) {
      if (items.count >= count || items.isFull) break;
      const at = offset + scanned++;
      browser.withContent(entry.message, (message) => {
        const browsed = look(entry, message);
        if (!holds(browsed)) return;
        items.add({ offset: at, ...show(browsed), ...payloadToJson(browsed.body, encoding, truncate) });
      });
      await items.rest();
    }
    await nextTurn();
  }
  const next = over ? null : offset + scanned;
  const told = JSON.stringify({ messages_ready: queue.readyCount, offset, scanned, next_offset: next });
  return { status: 200, stream: items.pieces(`${told.slice(0, -1)},"items":[`, ']}') };
}

/** Who may not fetch may not look either. @throws HttpError 400, 401, 404 */
function requireReadable(request: ManagementRequest): Queue {
  const queue = requireQueue(request);
  const { identity, virtualHost } = request;
  const what = named('queue', queue.name, virtualHost.name);
  if (!identity.mayEnter(virtualHost.name) || !identity.may('read', virtualHost.name, queue.name)) {
    throw notAuthorised(`ACCESS_REFUSED - read access to ${what} refused for user '${identity.user}'`);
  }
  if (queue.owner !== undefined) {
    throw badRequest(`405 RESOURCE_LOCKED - cannot obtain exclusive access to locked ${what}`);
  }
  return queue;
}

function integer(query: URLSearchParams, name: string, missing: number, most: number): number {
  const text = query.get(name);
  if (text === null) return missing;
  if (!/^\d{1,16}$/.test(text) || Number(text) > OFFSET_MAX) throw badRequest(['not_integer', text]);
  return Math.min(Number(text), most);
}

/** Passes some over; resolves with how many there were. */
async function skip(browser: QueueBrowser, count: number): Promise<number> {
  let passed = 0;
  while (passed < count) {
    const some = browser.skip(count - passed);
    if (some === 0) break;
    passed += some;
    await nextTurn();
  }
  return passed;
}

function look({ redelivered }: Entry, message: Entry['message']): Browsed {
  const { exchange, routingKey } = message.address;
  const start = message.offset + message.headerBytes + FRAME_OVERHEAD_BYTES;
  const body = (message.buffer as Buffer).subarray(start, start + message.bodyBytes);
  return { exchange, routingKey, redelivered, properties: propertiesOf(message), body };
}

function show({ exchange, routingKey, redelivered, properties, body }: Browsed): object {
  return {
    payload_bytes: body.length,
    redelivered,
    exchange,
    routing_key: routingKey,
    properties: propertiesToJson(properties),
  };
}

export const browseResources: readonly Resource[] = [
  {
    path: '/queues/:vhost/:queue/browse',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'Look at the ready messages of a queue, which does not change it',
        turns: READING_TURNS,
        query: {
          offset: 'from which message on, 0 for the first',
          count: `how many: ${COUNT} where nothing is said, ${COUNT_MAX} at most`,
          encoding: 'auto or base64',
          truncate: 'bytes of the payload',
          ...BROWSE_CONDITIONS,
        },
        run: browse,
      },
    },
  },
];
