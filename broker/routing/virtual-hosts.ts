/** The virtual hosts of a broker: which there are, and what becomes of what is in one that is deleted. */

import { HostCounters } from '../queue/host-counters.js';
import type { Queue } from '../queue/queue.js';
import { DefinitionTable } from '../store/definition-table.js';
import type { DefinitionRow } from '../store/store.js';
import { VirtualHost } from './virtual-host.js';
import type { VirtualHostGround, VirtualHostMetadata } from './virtual-host-ground.js';

/** The one that is there at first, as in RabbitMQ. */
export const DEFAULT_VIRTUAL_HOST = '/';

export class VirtualHosts {
  readonly ground: VirtualHostGround;
  /** Told of queues that come and go. */
  onQueue: ((what: 'created' | 'deleted', queue: Queue, virtualHost: VirtualHost) => void) | undefined =
    undefined;
  /** Told of virtual hosts that come, and before they go: their connections have to be closed by then. */
  onVirtualHost: ((what: 'created' | 'deleting', virtualHost: VirtualHost) => void) | undefined = undefined;
  /** Told of a queue whose settings are other ones now. */
  onSettings: ((queue: Queue) => void) | undefined = undefined;
  /** What those that are deleted have counted. */
  private readonly past = new HostCounters();
  private readonly metadata: DefinitionTable<VirtualHostMetadata>;
  private readonly byName = new Map<string, VirtualHost>();

  /** @param recovered what was defined before */
  constructor(ground: VirtualHostGround, recovered: readonly DefinitionRow[]) {
    this.ground = ground;
    this.metadata = new DefinitionTable(ground.store, 'vhost', recovered);
    for (const [[name], metadata] of this.metadata.entries()) this.add(name as string, metadata);
  }

  get size(): number {
    return this.byName.size;
  }

  [Symbol.iterator](): IterableIterator<VirtualHost> {
    return this.byName.values();
  }

  get(name: string): VirtualHost | undefined {
    return this.byName.get(name);
  }

  /** Makes a virtual host, or says other things of the one that is there. Returns whether it is new. */
  put(name: string, metadata: VirtualHostMetadata): boolean {
    this.metadata.put([name], metadata);
    const known = this.byName.get(name);
    if (known !== undefined) {
      known.metadata = metadata;
      return false;
    }
    const virtualHost = this.add(name, metadata);
    this.onVirtualHost?.('created', virtualHost);
    return true;
  }

  /** Deletes a virtual host with all that is in it; returns whether there was one. */
  delete(name: string): boolean {
    const virtualHost = this.byName.get(name);
    if (virtualHost === undefined) return false;
    this.onVirtualHost?.('deleting', virtualHost);
    this.byName.delete(name);
    virtualHost.clear();
    this.past.add(virtualHost.counters);
    this.metadata.drop(name);
    return true;
  }

  /** Of that, what takes no going through queues and exchanges. */
  get tally(): HostCounters {
    const total = new HostCounters();
    total.add(this.past);
    for (const { tally } of this) total.add(tally);
    return total;
  }

  /** What all of them have counted, those that are deleted included. */
  get counters(): HostCounters {
    const total = new HostCounters();
    total.add(this.past);
    for (const { counters } of this) total.add(counters);
    return total;
  }

  /** What was remembered of any of them may not be so any more. */
  changed(): void {
    for (const virtualHost of this) virtualHost.version++;
  }

  private add(name: string, metadata: VirtualHostMetadata): VirtualHost {
    const virtualHost = new VirtualHost(this.ground, name, metadata);
    virtualHost.onSettings = (queue) => this.onSettings?.(queue);
    virtualHost.onQueue = (what, queue) => this.onQueue?.(what, queue, virtualHost);
    this.byName.set(name, virtualHost);
    return virtualHost;
  }
}
