/** A world to try definitions in: what is there is copied as far as they name it, and nothing is kept. */
import { Access } from '../access/access.js';
import { PageBudget } from '../queue/page-budget.js';
import { openPolicyTables } from '../routing/policies.js';
import { VirtualHosts } from '../routing/virtual-hosts.js';
import { MemoryStore } from '../store/store.js';
import type { World } from './definitions/apply.js';
import type { Definitions } from './definitions/definitions.js';
import { fieldOf, type JsonObject } from './json-body.js';

/** What is there of what definitions speak of, in a world that keeps nothing. */
export function copyOf({ virtualHosts, access }: World, definitions: Definitions): World {
  const store = new MemoryStore();
  const ground = {
    store,
    pageBudget: new PageBudget(),
    ids: { nextMessage: 1, nextQueue: 1 },
    policies: openPolicyTables(store, []),
  };
  const copies = new VirtualHosts(ground, []);
  for (const { name, metadata } of virtualHosts) copies.put(name, metadata);
  const users = access.users.list().map(({ name }) => ({ name, passwordHash: '', tags: '' }));
  copyTopology(virtualHosts, copies, definitions);
  return {
    virtualHosts: copies,
    access: new Access({
      store,
      users,
      // With all that are there: how many there may be is told by those.
      definitions: access.globalParameters.list().map(({ name, value }) => ({
        kind: 'global-parameter',
        key: JSON.stringify([name]),
        value: JSON.stringify(value),
      })),
      virtualHosts: copies,
      guestFromAnywhere: false,
      clusterName: '',
    }),
  };
}

/** What the definitions name, where it is there already. */
function copyTopology(from: VirtualHosts, to: VirtualHosts, definitions: Definitions): void {
  const copyExchange = (definition: JsonObject, field: string): void => {
    const [vhost, name] = [text(definition, 'vhost'), text(definition, field)];
    const exchange = from.get(vhost)?.exchange(name);
    const copies = to.get(vhost)?.exchanges;
    if (exchange === undefined || copies === undefined || copies.byName.has(name)) return;
    const { type, durable, autoDelete, internal, args } = exchange;
    copies.add({ name, type, durable, autoDelete, internal, args });
  };
  const copyQueue = (definition: JsonObject, field: string): void => {
    const [vhost, name] = [text(definition, 'vhost'), text(definition, field)];
    const queue = from.get(vhost)?.queue(name);
    const copies = to.get(vhost);
    if (queue === undefined || copies === undefined || copies.queues.has(name)) return;
    const { id, durable, autoDelete, owner, args } = queue;
    copies.addQueue({ id, name, durable, autoDelete, owner, args });
  };
  for (const one of definitions.exchanges) copyExchange(one, 'name');
  for (const one of definitions.queues) copyQueue(one, 'name');
  for (const one of definitions.bindings) {
    copyExchange(one, 'source');
    copyExchange(one, 'destination');
    copyQueue(one, 'destination');
  }
}

/** A field that names something; nothing has no name. */
export function text(definition: JsonObject, field: string): string {
  const value = fieldOf(definition, field);
  return typeof value === 'string' ? value : '';
}
