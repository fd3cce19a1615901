/**
 * The end of a turn of the event loop: what connections have gathered to send is then sent, once, in
 * one write for each.
 */
export interface Flushable {
  flush(): void;
}

export class Turn {
  private waiting: Flushable[] = [];
  private readonly run = (): void => {
    const { waiting } = this;
    this.waiting = [];
    for (const one of waiting) one.flush();
  };

  /** Has something flushed at the end of this turn; to be called once a turn for each. */
  add(one: Flushable): void {
    if (this.waiting.length === 0) setImmediate(this.run);
    this.waiting.push(one);
  }
}
