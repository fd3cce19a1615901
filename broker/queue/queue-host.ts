/** What a queue is made of, and what it needs of the virtual host it is in. */
import type { FieldTable } from '../protocol/field-table.js';
import type { Store } from '../store/store.js';
import type { QueuePolicy } from './arguments.js';
import type { Entry } from './entry.js';
import type { Queue } from './queue.js';

export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit';

/** What a queue needs of the virtual host it is in. */
export interface QueueHost {
  readonly store: Store;
  /** Publishes a dead letter, if the queue says where to. The entry is settled afterwards. */
  deadLetter(entry: Entry, reason: DeathReason): void;
  /** The queue has outlived its use. */
  remove(queue: Queue): void;
}

export interface QueueOptions {
  id: number;
  name: string;
  durable: boolean;
  autoDelete: boolean;
  /** The connection that alone may use it. */
  owner: object | undefined;
  args: FieldTable;
  policy: QueuePolicy;
}
