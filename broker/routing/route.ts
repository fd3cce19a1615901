/**
 * From an exchange to queues: through bindings, exchange-to-exchange bindings and alternate exchanges,
 * each exchange visited once, with all the routing keys of the message, and each queue found once.
 */
import { Queue } from '../queue/queue.js';
import type { Destination } from './binding.js';
import type { Exchange } from './exchange.js';
import type { RoutedMessage } from './routed-message.js';

/** What routing needs to know besides the exchange. */
export interface RouteMap {
  /** Changes whenever any exchange, queue or binding does. */
  readonly version: number;
  queue(name: string): Queue | undefined;
  exchange(name: string): Exchange | undefined;
}

const NOWHERE: readonly Queue[] = [];

/** The queues of all messages with a routing key; undefined if each has to be looked at by itself. */
export function routeByKey(
  map: RouteMap,
  exchange: Exchange,
  routingKey: string,
): readonly Queue[] | undefined {
  const known = exchange.remembered(routingKey, map.version);
  if (known !== undefined) return known;
  const found = walk(map, exchange, [routingKey], undefined);
  if (found !== undefined) exchange.remember(routingKey, map.version, found);
  return found;
}

/** The queues of a message. */
export function route(map: RouteMap, exchange: Exchange, message: RoutedMessage): readonly Queue[] {
  const { routingKeys } = message;
  const known = routingKeys.length === 1 && exchange.remembered(routingKeys[0] as string, map.version);
  return known || (walk(map, exchange, routingKeys, message) as readonly Queue[]);
}

/** Undefined if an exchange on the way asks for the message and there is none. */
function walk(
  map: RouteMap,
  exchange: Exchange,
  routingKeys: readonly string[],
  message: RoutedMessage | undefined,
): readonly Queue[] | undefined {
  const queues = new Set<Queue>();
  const visited = new Set<Exchange>();
  const open: Exchange[] = [exchange];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (visited.has(next)) continue;
    visited.add(next);
    const found = new Set<Destination>();
    if (next.name === '') {
      for (const key of routingKeys) {
        const queue = map.queue(key);
        if (queue !== undefined) found.add(queue);
      }
    } else if (next.router.by === 'key') {
      next.router.match(routingKeys, found);
    } else if (message === undefined) {
      return undefined;
    } else {
      next.router.match(message, found);
    }
    if (found.size === 0 && next.alternate !== undefined) {
      const alternate = map.exchange(next.alternate);
      if (alternate !== undefined) open.push(alternate);
    }
    for (const destination of found) {
      if (destination instanceof Queue) queues.add(destination);
      else open.push(destination);
    }
  }
  return queues.size === 0 ? NOWHERE : [...queues];
}
