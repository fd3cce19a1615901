/** Publishes of a channel that the broker has not confirmed, by their tag. */
import { EmbeddedError } from './embedded-error.js';

interface Publish {
  readonly resolve: () => void;
  readonly reject: (error: EmbeddedError) => void;
  readonly returned: boolean;
}

export class Outstanding {
  private readonly byTag = new Map<number, Publish>();
  private nextTag = 1;
  private over: EmbeddedError | undefined;

  /** Resolves when the broker has it; rejects when it refused it or no queue took it. */
  add(returned: boolean): Promise<void> {
    if (this.over !== undefined) return Promise.reject(this.over);
    return new Promise((resolve, reject) => this.byTag.set(this.nextTag++, { resolve, reject, returned }));
  }

  /** basic.ack or basic.nack; with `multiple` for every tag up to this one. */
  confirmed(tag: number, multiple: boolean, accepted: boolean): void {
    if (!multiple) {
      this.settle(tag, accepted);
      return;
    }
    for (const open of [...this.byTag.keys()]) {
      if (open > tag) return;
      this.settle(open, accepted);
    }
  }

  private settle(tag: number, accepted: boolean): void {
    const publish = this.byTag.get(tag);
    if (publish === undefined) return;
    this.byTag.delete(tag);
    if (!accepted) publish.reject(new EmbeddedError(311, 'the message was refused (basic.nack)'));
    else if (publish.returned) publish.reject(new EmbeddedError(312, 'NO_ROUTE'));
    else publish.resolve();
  }

  /** The channel is over: nobody knows what became of the rest. */
  abandon(error: EmbeddedError): void {
    this.over = error;
    for (const publish of this.byTag.values()) publish.reject(error);
    this.byTag.clear();
  }
}
