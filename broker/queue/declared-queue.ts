/** What a queue was declared as, and what it is to do by that and by policies; what it does is in queue.ts. */
import type { FieldTable } from '../protocol/field-table.js';
import { named } from '../protocol/protocol-error.js';
import type { StoredQueue } from '../store/message.js';
import type { QueueOptions } from './queue-host.js';
import { type AppliedPolicies, type QueueSettings, settingsOf } from './settings.js';

export abstract class DeclaredQueue implements StoredQueue {
  readonly id: number;
  readonly name: string;
  /** How texts name it. */
  readonly label: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly owner: object | undefined;
  readonly args: FieldTable;
  policies: AppliedPolicies;
  settings: QueueSettings;
  /** Whether persistent messages go to disk: an exclusive queue does not outlive its connection. */
  protected readonly persists: boolean;
  /** Whether all others do as well. */
  protected readonly persistsAll: boolean;
  /** Whether what is over a limit is refused, or dropped at the head. */
  protected rejects = false;
  protected drops = false;

  constructor(options: QueueOptions) {
    const { id, name, virtualHost, durable, autoDelete, owner, args, type, policies } = options;
    this.id = id;
    this.name = name;
    this.label = named('queue', name, virtualHost);
    this.durable = durable;
    this.autoDelete = autoDelete;
    this.owner = owner;
    this.args = args;
    this.policies = policies;
    this.settings = settingsOf(type, args, policies.definition);
    this.persists = durable && owner === undefined;
    this.persistsAll = type === 'quorum';
    this.limit();
  }

  private limit(): void {
    const { lengthMax, lengthBytesMax, overflow } = this.settings;
    const limited = lengthMax !== undefined || lengthBytesMax !== undefined;
    this.rejects = limited && overflow !== 'drop-head';
    this.drops = limited && !this.rejects;
  }

  /** Other policies apply from now on. */
  follow(policies: AppliedPolicies): void {
    this.policies = policies;
    const before = this.settings;
    this.settings = settingsOf(before.type, this.args, policies.definition);
    this.limit();
    this.settingsChanged(before);
  }

  /** Makes settings that are new effective on what is there. */
  protected abstract settingsChanged(before: QueueSettings): void;
}
