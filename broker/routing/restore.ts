/** Puts virtual hosts back to what was on disk. */
import { type FieldTable, readTable } from '../protocol/field-table.js';
import { WireReader } from '../protocol/wire-reader.js';
import type { Recovered } from '../store/recovery.js';
import type { Destination } from './binding.js';
import type { ExchangeType } from './exchange.js';
import type { VirtualHosts } from './virtual-hosts.js';

/** Restores exchanges, queues and bindings; what is in the queues is read when it is asked for. */
export function restoreTopology(virtualHosts: VirtualHosts, recovered: Recovered): void {
  for (const { virtualHost, name, type, autoDelete, internal, args } of recovered.exchanges) {
    virtualHosts.get(virtualHost)?.exchanges.add({
      name,
      type: type as ExchangeType,
      durable: true,
      autoDelete: autoDelete !== 0,
      internal: internal !== 0,
      args: decodeTable(args),
    });
  }
  for (const row of recovered.queues) {
    const { id, name, autoDelete, args } = row;
    const queue = virtualHosts.get(row.virtualHost)?.addQueue({
      id,
      name,
      durable: true,
      autoDelete: autoDelete !== 0,
      owner: undefined,
      args: decodeTable(args),
    });
    queue?.recover(recovered.entriesOf(row));
  }
  for (const { virtualHost: host, source, kind, destination, routingKey, args } of recovered.bindings) {
    const virtualHost = virtualHosts.get(host);
    if (virtualHost === undefined) continue;
    const from = virtualHost.exchange(source);
    const to: Destination | undefined =
      kind === 'queue' ? virtualHost.queue(destination) : virtualHost.exchange(destination);
    if (from !== undefined && to !== undefined) {
      virtualHost.bindings.add(from, to, routingKey, decodeTable(args));
    }
  }
  for (const virtualHost of virtualHosts) {
    virtualHost.version++;
    // Only now, since it may dead-letter.
    for (const queue of virtualHost.queues.values()) queue.restored();
  }
}

function decodeTable(base64: string): FieldTable {
  return readTable(new WireReader(Buffer.from(base64, 'base64')));
}
