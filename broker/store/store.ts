/**
 * What the rest of the broker asks of its disk, and the store for brokers without one.
 *
 * Everything is asked for synchronously and written later, in batches; order is kept. `whenWritten`
 * tells when all that was asked for so far is on disk.
 */
import type { Entry, Message, StoredQueue } from './message.js';
import type { StoredEntry } from './page-reader.js';
import type { Sweep } from './sweep.js';

/** A change to durable topology or users, as a row. */
export type Change =
  | ({ do: 'put-exchange'; type: string; autoDelete: boolean; internal: boolean; args: string } & Place)
  | ({ do: 'drop-exchange' } & Place)
  | ({ do: 'put-queue'; id: number; autoDelete: boolean; args: string } & Place)
  | { do: 'drop-queue'; id: number }
  | ({ do: 'put-binding' | 'drop-binding' } & BindingRow)
  /** Entries that are purged, and not taken out yet. */
  | ({ do: 'put-purge' | 'drop-purge' } & Sweep)
  /** One step of taking entries out. */
  | ({ do: 'sweep' } & Sweep)
  | ({ do: 'put-user' } & UserRow)
  | { do: 'drop-user'; name: string }
  | ({ do: 'put-definition' } & DefinitionRow)
  | { do: 'drop-definition'; kind: DefinitionKind; key: string };

/** Where an exchange or a queue is. */
interface Place {
  virtualHost: string;
  name: string;
}

export interface BindingRow {
  virtualHost: string;
  source: string;
  kind: 'queue' | 'exchange';
  destination: string;
  routingKey: string;
  /** The encoded table in base64. */
  args: string;
}

export interface UserRow {
  name: string;
  passwordHash: string;
  tags: string;
}

/** What an operator defines besides topology and users. */
export type DefinitionKind =
  | 'vhost'
  | 'permission'
  | 'topic-permission'
  | 'policy'
  | 'operator-policy'
  | 'parameter'
  | 'global-parameter'
  | 'vhost-limit'
  | 'user-limit';

export interface DefinitionRow {
  kind: DefinitionKind;
  /** The names it is found by, as a JSON array. */
  key: string;
  /** As JSON. */
  value: string;
}

export interface Store {
  /** Contents that are to be written and have not been. */
  readonly unwrittenBytes: number;
  /** Called when nothing can be written to the disk, and when it can again. */
  onFailing: ((failing: boolean) => void) | undefined;
  /** Called once when nothing can be kept any more: the disk makes no sense, or its writer died. */
  onFatal: ((error: Error) => void) | undefined;
  /** A persistent message entered a durable queue. */
  insert(entry: Entry): void;
  /** An entry that need not survive a restart is written all the same, to make room in memory. */
  spill(entry: Entry): void;
  /** Reads entries that are on disk alone, some hundred at most, in order; of a lower priority than `below`. */
  readPage(queue: StoredQueue, first: number, last: number, below: number): StoredEntry[];
  /** The ids of their messages alone, some thousands at most, in order. */
  readPageIds(queue: StoredQueue, first: number, last: number, below: number): number[];
  /** Entries that are on disk alone are gone: purged, or with their queue. */
  dropPages(queue: StoredQueue, first: number, last: number, below: number, deleted: boolean): void;
  /** An entry that may have been inserted is gone from its queue. */
  settle(entry: Entry): void;
  /**
   * An entry that may have been inserted is gone from its queue as soon as a message made of it is on
   * disk wherever it has to be: until then one of the two is there after a crash, or the publisher of
   * the first has not been confirmed.
   */
  settleAfter(entry: Entry, successor: Message): void;
  /** An entry was handed to a consumer: after a crash it counts as redelivered. */
  delivered(entry: Entry): void;
  /** An entry's count of deliveries or its death changed. */
  update(entry: Entry): void;
  change(change: Change): void;
  whenWritten(callback: () => void): void;
  /** Brings the content of a message back into memory, for the queue that asks for it. */
  load(message: Message, queue: StoredQueue): void;
  /** Resolves when everything is on disk and the files are closed. */
  close(): Promise<void>;
}

/** Keeps nothing: durable is what lives as long as the broker. */
export class MemoryStore implements Store {
  readonly unwrittenBytes = 0;
  onFailing: ((failing: boolean) => void) | undefined = undefined;
  onFatal: ((error: Error) => void) | undefined = undefined;

  insert(): void {}

  spill(): void {}

  readPage(queue: StoredQueue): never {
    throw new Error(`queue ${queue.id} has nothing on disk, since there is none`);
  }

  readPageIds(queue: StoredQueue): never {
    return this.readPage(queue);
  }

  dropPages(): void {}

  settle(): void {}

  settleAfter(): void {}

  delivered(): void {}

  update(): void {}

  change(): void {}

  whenWritten(callback: () => void): void {
    callback();
  }

  load(message: Message): void {
    throw new Error(`message ${message.id} is not in memory, and there is nowhere else`);
  }

  async close(): Promise<void> {}
}
