/** A store, with what was in it put back into a virtual host. */
import type { Logger } from 'pino';
import { PageBudget } from './queue/page-budget.js';
import { restoreTopology } from './routing/restore.js';
import { VirtualHost } from './routing/virtual-host.js';
import { DataDirectory } from './store/data-directory.js';
import { DiskStore } from './store/disk-store.js';
import { recover } from './store/recovery.js';
import { MemoryStore, type Store, type UserRow } from './store/store.js';

export interface OpenedStore {
  readonly store: Store;
  readonly virtualHost: VirtualHost;
  readonly users: UserRow[];
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
    return { store, virtualHost: new VirtualHost(store), users: [] };
  }
  const directory = DataDirectory.open(dataDirectory, log);
  let store: DiskStore | undefined;
  try {
    const recovered = recover(directory.database);
    store = new DiskStore(directory, log, recovered.leftovers);
    const virtualHost = new VirtualHost(store, new PageBudget(residentMessagesMax));
    restoreTopology(virtualHost, recovered);
    return { store, virtualHost, users: recovered.users };
  } catch (error) {
    if (store === undefined) directory.close();
    else await store.close();
    throw directory.explain(error);
  }
}
