/** What a channel publishes to one exchange: told as the confirmer of its messages, it counts their confirms. */
import type { PublishCounters } from '../queue/counters.js';
import type { Exchange } from '../routing/exchange.js';
import type { Confirmer } from '../store/message.js';

/** The channel's publishing side. */
export interface FlowEnd {
  confirmed(publishTag: number, counters: PublishCounters): void;
}

export class PublishFlow implements Confirmer {
  readonly exchange: Exchange;
  readonly counters: PublishCounters;
  private readonly end: FlowEnd;

  constructor(exchange: Exchange, counters: PublishCounters, end: FlowEnd) {
    this.exchange = exchange;
    this.counters = counters;
    this.end = end;
  }

  confirm(publishTag: number): void {
    this.end.confirmed(publishTag, this.counters);
  }
}
