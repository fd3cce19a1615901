/**
 * Who did what to the broker: a line in the log for each administrative action, and the newest of them
 * in memory. What was set is not told, but what it is called: no password, hash or token gets in.
 */
import type { Logger } from 'pino';

interface Actor {
  readonly user: string;
  /** Where he came from, unless it was from within. */
  readonly address?: string | undefined;
  readonly through: 'http' | 'amqp' | 'cli' | 'embedding';
}

export interface AuditedAction {
  readonly actor: Actor;
  /** `create`, `update`, `delete`, `purge`, `close`, `import` … */
  readonly verb: string;
  /** `user`, `permission`, `policy`, `queue`, `connection` … */
  readonly kind: string;
  readonly name: string;
  readonly virtualHost?: string | undefined;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Why not, where it was not done. */
  readonly reason?: string | undefined;
}

export interface AuditEntry extends AuditedAction {
  /** RFC 3339, in UTC. */
  readonly at: string;
}

const KEPT_MAX = 1_000;
const TEXT_LENGTH_MAX = 1_024;

export class AuditLog {
  private readonly log: Logger | undefined;
  /** A ring: the oldest is at `next` once it is full. */
  private readonly kept: AuditEntry[] = [];
  private next = 0;

  constructor(log: Logger | undefined) {
    this.log = log?.child({ component: 'audit' });
  }

  record({ actor, verb, kind, name, virtualHost, outcome, reason }: AuditedAction): void {
    // Field by field, so that whatever else a caller's object holds stays out.
    const entry: AuditEntry = {
      at: new Date().toISOString(),
      actor: { user: bounded(actor.user), address: actor.address, through: actor.through },
      verb,
      kind,
      name: bounded(name),
      ...(virtualHost === undefined ? {} : { virtualHost: bounded(virtualHost) }),
      outcome,
      ...(reason === undefined ? {} : { reason: bounded(reason) }),
    };
    this.kept[this.next] = entry;
    this.next = (this.next + 1) % KEPT_MAX;
    const { at: _, ...fields } = entry;
    if (outcome === 'done') this.log?.info(fields, 'An administrative action was done');
    else this.log?.warn(fields, 'An administrative action was not done');
  }

  /** The newest actions, newest first. */
  recent(count = KEPT_MAX): AuditEntry[] {
    const inOrder = [...this.kept.slice(this.next), ...this.kept.slice(0, this.next)];
    return inOrder.reverse().slice(0, count);
  }
}

function bounded(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
}
