/** Prints records instead of sending them, one line of JSON each: `warren agent --dry-run`. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Publisher, PublisherStatus } from './publisher.js';
import type { LogRecord } from './record.js';
import type { RecordOutcome } from './record-queue.js';

/** Where an agent's records go: a publisher as a rule. */
export type RecordSink = Pick<Publisher, 'publish' | 'drained' | 'close' | 'status'>;

/** A sink that is a stream, standard output as a rule. */
export class RecordPrinter implements RecordSink {
  readonly #output: Writable;
  #printed = 0;

  constructor(output: Writable) {
    this.#output = output;
  }

  get status(): PublisherStatus {
    return {
      state: this.#output.writableEnded ? 'closed' : 'connected',
      broker: 'none',
      published: this.#printed,
      confirmed: this.#printed,
      returned: 0,
      nacked: 0,
      dropped: { overflow: 0, unencodable: 0, closed: 0 },
      leftOut: { sampled: 0, limited: 0 },
      buffered: 0,
      bufferedBytes: this.#output.writableLength,
      inFlight: 0,
      connects: 0,
    };
  }

  /** Prints a record, which is settled at once. @returns false while the reader of the output is behind */
  publish(record: LogRecord, settled?: (outcome: RecordOutcome) => void): boolean {
    this.#printed += 1;
    const hasRoom = this.#output.write(`${JSON.stringify(record)}\n`);
    settled?.('confirmed');
    return hasRoom;
  }

  async drained(): Promise<void> {
    if (this.#output.writableNeedDrain) await once(this.#output, 'drain');
  }

  /** Waits until all is written; nothing is ever unsent. */
  async close(): Promise<number> {
    await new Promise((done) => this.#output.write('', done));
    return 0;
  }
}
