/** Puts a virtual host back to what was on disk. */
import { type FieldTable, readTable } from '../protocol/field-table.js';
import { WireReader } from '../protocol/wire-reader.js';
import { Message, UNREAD_ADDRESS } from '../store/message.js';
import type { Recovered } from '../store/recovery.js';
import type { Destination } from './binding.js';
import type { ExchangeType } from './exchange.js';
import type { VirtualHost } from './virtual-host.js';

/** Restores exchanges, queues with their entries, and bindings; contents stay on disk. */
export function restoreTopology(virtualHost: VirtualHost, recovered: Recovered): void {
  virtualHost.nextMessageId = recovered.nextMessageId;
  virtualHost.nextQueueId = recovered.nextQueueId;
  for (const { name, type, autoDelete, internal, args } of recovered.exchanges) {
    virtualHost.exchanges.add({
      name,
      type: type as ExchangeType,
      durable: true,
      autoDelete: autoDelete !== 0,
      internal: internal !== 0,
      args: decodeTable(args),
    });
  }
  // A message in several queues is one message.
  const messages = new Map<number, Message>();
  for (const { id, name, autoDelete, args, deliveredUpTo } of recovered.queues) {
    const queue = virtualHost.addQueue({
      id,
      name,
      durable: true,
      autoDelete: autoDelete !== 0,
      owner: undefined,
      args: decodeTable(args),
    });
    for (const row of recovered.entries(id)) {
      let message = messages.get(row.message);
      if (message === undefined) {
        message = new Message(row.message, UNREAD_ADDRESS, undefined, 0, 0, row.bodyBytes);
        message.persistent = true;
        message.priority = row.priority;
        messages.set(row.message, message);
      }
      queue.restore(message, row, row.message <= deliveredUpTo);
    }
  }
  for (const { source, kind, destination, routingKey, args } of recovered.bindings) {
    const from = virtualHost.exchange(source);
    const to: Destination | undefined =
      kind === 'queue' ? virtualHost.queue(destination) : virtualHost.exchange(destination);
    if (from !== undefined && to !== undefined) {
      virtualHost.bindings.add(from, to, routingKey, decodeTable(args));
    }
  }
  virtualHost.version++;
  // Only now, since it may dead-letter.
  for (const queue of virtualHost.queues.values()) queue.restored();
}

function decodeTable(base64: string): FieldTable {
  return readTable(new WireReader(Buffer.from(base64, 'base64')));
}
