/**
 * From an exchange to queues: through bindings, exchange-to-exchange bindings and alternate exchanges,
 * each exchange visited once, each queue found once.
 */
import { EMPTY_TABLE, type FieldTable } from '../protocol/field-table.js';
import { Queue } from '../queue/queue.js';
import type { Destination } from './binding.js';
import type { Exchange } from './exchange.js';

/** What routing needs to know besides the exchange. */
export interface RouteMap {
  /** Changes whenever any exchange, queue or binding does. */
  readonly version: number;
  queue(name: string): Queue | undefined;
  exchange(name: string): Exchange | undefined;
}

const NOWHERE: readonly Queue[] = [];

/** The queues of a message; `headers` is asked for only if a headers exchange is on the way. */
export function route(
  map: RouteMap,
  exchange: Exchange,
  routingKey: string,
  headers: () => FieldTable,
): readonly Queue[] {
  const known = exchange.remembered(routingKey, map.version);
  if (known !== undefined) return known;
  const queues = new Set<Queue>();
  const visited = new Set<Exchange>();
  const open: Exchange[] = [exchange];
  let byHeaders = false;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (visited.has(next)) continue;
    visited.add(next);
    const found = new Set<Destination>();
    if (next.name === '') {
      const queue = map.queue(routingKey);
      if (queue !== undefined) found.add(queue);
    } else {
      if (next.type === 'headers') byHeaders = true;
      next.match(routingKey, next.type === 'headers' ? headers() : EMPTY_TABLE, found);
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
  const result = queues.size === 0 ? NOWHERE : [...queues];
  if (!byHeaders) exchange.remember(routingKey, map.version, result);
  return result;
}
