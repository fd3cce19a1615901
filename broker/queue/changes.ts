/**
 * What has changed since it was last looked at: queues, exchanges, channels and connections among which
 * most stand still, so that whoever takes samples of them need not go through them all. While nobody
 * does, nothing is kept.
 */

/** What can be said to have changed. */
export class ChangeMark<Owner extends object = object> {
  readonly owner: Owner;
  private round = -1;
  private readonly changes: Changes;

  constructor(changes: Changes, owner: Owner) {
    this.changes = changes;
    this.owner = owner;
  }

  /** It has changed. Asked for with each message: all but the first of a round cost a comparison. */
  set(): void {
    if (this.round === this.changes.round) return;
    this.round = this.changes.round;
    this.changes.add(this.owner);
  }
}

export class Changes {
  /** Grows whenever what has changed is taken. */
  round = 0;
  private collecting = false;
  private changed: object[] = [];

  add(owner: object): void {
    if (this.collecting) this.changed.push(owner);
  }

  /** What has changed since the last time, each once; the first time nothing, but from then on it is noted. */
  take(): object[] {
    const { changed } = this;
    this.changed = [];
    this.collecting = true;
    this.round++;
    return changed;
  }
}
