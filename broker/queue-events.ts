/** Tells the embedder of queues that come and go. */
import type { Host } from './transport/host.js';

export function tellOfQueues({ virtualHosts, events }: Host): void {
  virtualHosts.onQueue = (what, queue, virtualHost) => {
    const { name, durable, autoDelete, owner } = queue;
    const exclusive = owner !== undefined;
    events.tell(`queue.${what}`, {
      virtualHost: virtualHost.name,
      queue: name,
      durable,
      autoDelete,
      exclusive,
    });
  };
}
