/** What a queue is made of, and what it needs of the virtual host it is in. */
import type { FieldTable } from '../protocol/field-table.js';
import type { Message } from '../store/message.js';
import type { Store } from '../store/store.js';
import type { Changes } from './changes.js';
import type { Clock } from './clock.js';
import type { Entry } from './entry.js';
import type { HostCounters, QueueType } from './host-counters.js';
import type { PageBudget } from './page-budget.js';
import type { Queue } from './queue.js';
import type { AppliedPolicies } from './settings.js';

/** In the order of their numbers on disk, which begin with 1. */
export const DEATH_REASONS = ['rejected', 'expired', 'maxlen', 'delivery_limit'] as const;

export type DeathReason = (typeof DEATH_REASONS)[number];

/** What became of one attempt to hand a dead letter over. */
export interface Attempt {
  /** The dead letter, if any queue took it. */
  readonly letter: Message | undefined;
  readonly taken: readonly Queue[];
  /** How many queues refused it. */
  readonly refused: number;
}

/** What a queue needs of the virtual host it is in. */
export interface QueueHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly pageBudget: PageBudget;
  /** What is counted here rather than by each queue and exchange. */
  readonly tally: HostCounters;
  readonly changes: Changes;
  /** Changes whenever any exchange, queue or binding does. */
  readonly version: number;
  /** Publishes a dead letter, if the queue says where to; the entry is settled once it is safe. */
  deadLetter(entry: Entry, reason: DeathReason): Message | undefined;
  /** Publishes a dead letter to those of its queues that are not in `settled`. */
  handOver(entry: Entry, reason: DeathReason, settled: ReadonlySet<Queue>): Attempt;
  /** The queue has outlived its use. */
  remove(queue: Queue): void;
}

export interface QueueOptions {
  id: number;
  name: string;
  /** The name of the virtual host it is in. */
  virtualHost: string;
  durable: boolean;
  autoDelete: boolean;
  /** The connection that alone may use it. */
  owner: object | undefined;
  args: FieldTable;
  type: QueueType;
  policies: AppliedPolicies;
}
