/**
 * What has changed since it was last looked at: queues and connections among which most stand still, so
 * that whoever takes samples of them need not go through them all. Each remembers in which round it was
 * last noted, so that all but its first change of a round cost a comparison. While nobody takes samples,
 * nothing is kept.
 */
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
