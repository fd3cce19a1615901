/** What a queue was declared as; what it does is in queue.ts. */
import type { FieldTable } from '../protocol/field-table.js';
import { named } from '../protocol/protocol-error.js';
import type { StoredQueue } from '../store/message.js';
import type { QueueSettings } from './arguments.js';
import type { QueueOptions } from './queue-host.js';

export abstract class DeclaredQueue implements StoredQueue {
  readonly id: number;
  readonly name: string;
  /** How texts name it. */
  readonly label: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly owner: object | undefined;
  readonly args: FieldTable;
  readonly settings: QueueSettings;
  /** Whether persistent messages go to disk: an exclusive queue does not outlive its connection. */
  protected readonly persists: boolean;
  /** Whether all others do as well. */
  protected readonly persistsAll: boolean;
  /** Whether what is over a limit is refused, or dropped at the head. */
  protected readonly rejects: boolean;
  protected readonly drops: boolean;

  constructor({ id, name, virtualHost, durable, autoDelete, owner, args, settings }: QueueOptions) {
    this.id = id;
    this.name = name;
    this.label = named('queue', name, virtualHost);
    this.durable = durable;
    this.autoDelete = autoDelete;
    this.owner = owner;
    this.args = args;
    this.settings = settings;
    this.persists = durable && owner === undefined;
    this.persistsAll = settings.type === 'quorum';
    const limited = settings.lengthMax !== undefined || settings.lengthBytesMax !== undefined;
    this.rejects = limited && settings.overflow !== 'drop-head';
    this.drops = limited && !this.rejects;
  }
}
