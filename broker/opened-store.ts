/** A store, with what was in it put back into the virtual hosts. */
import type { Logger } from 'pino';
import { PageBudget } from './queue/page-budget.js';
import { openPolicyTables } from './routing/policies.js';
import { restoreTopology } from './routing/restore.js';
import { VirtualHosts } from './routing/virtual-hosts.js';
import { DataDirectory } from './store/data-directory.js';
import { DiskStore } from './store/disk-store.js';
import { recover } from './store/recovery.js';
import { FIRST_DEFINITIONS } from './store/schema.js';
import { type DefinitionRow, MemoryStore, type Store, type UserRow } from './store/store.js';

export interface OpenedStore {
  readonly store: Store;
  readonly virtualHosts: VirtualHosts;
  readonly users: readonly UserRow[];
  readonly definitions: readonly DefinitionRow[];
}

interface StoreOptions {
  readonly dataDirectory?: string | undefined;
  readonly log?: Logger | undefined;
  readonly residentMessagesMax?: number;
}

/**
 * Opens the store of a data directory, or one that keeps nothing.
 *
 * Rejects with a DataDirectoryError when the directory cannot be used.
 */
export async function openStore({
  dataDirectory,
  log,
  residentMessagesMax,
}: StoreOptions): Promise<OpenedStore> {
  if (dataDirectory === undefined) {
    const store = new MemoryStore();
    const ground = {
      store,
      pageBudget: new PageBudget(),
      ids: { nextMessage: 1, nextQueue: 1 },
      policies: openPolicyTables(store, FIRST_DEFINITIONS),
    };
    return {
      store,
      virtualHosts: new VirtualHosts(ground, FIRST_DEFINITIONS),
      users: [],
      definitions: FIRST_DEFINITIONS,
    };
  }
  const directory = DataDirectory.open(dataDirectory, log);
  let store: DiskStore | undefined;
  try {
    const recovered = recover(directory.database);
    store = new DiskStore(directory, log, recovered.leftovers);
    const { users, definitions, nextMessageId: nextMessage, nextQueueId: nextQueue } = recovered;
    const ground = {
      store,
      pageBudget: new PageBudget(residentMessagesMax),
      ids: { nextMessage, nextQueue },
      policies: openPolicyTables(store, definitions),
    };
    const virtualHosts = new VirtualHosts(ground, definitions);
    restoreTopology(virtualHosts, recovered);
    return { store, virtualHosts, users, definitions };
  } catch (error) {
    if (store === undefined) directory.close();
    else await store.close();
    throw directory.explain(error);
  }
}
