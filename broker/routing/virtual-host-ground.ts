/** What a virtual host stands on, and what is said of it. */
import type { PageBudget } from '../queue/page-budget.js';
import type { Store } from '../store/store.js';
import type { PolicyTables } from './policies.js';

/** What the virtual hosts of a broker share. */
export interface VirtualHostGround {
  readonly store: Store;
  readonly pageBudget: PageBudget;
  readonly ids: Ids;
  readonly policies: PolicyTables;
}

/** The next numbers of messages and of queues, by which the store knows them whatever virtual host they are in. */
export interface Ids {
  nextMessage: number;
  nextQueue: number;
}

/** What an operator says of a virtual host. */
export interface VirtualHostMetadata {
  readonly description: string;
  readonly tags: readonly string[];
  /** What a queue is that does not say. */
  readonly defaultQueueType?: 'classic' | 'quorum' | undefined;
  /** It cannot be deleted. */
  readonly protected?: boolean | undefined;
}
