/**
 * One document on its way: the delivery that it came with, and what has been tried with it.
 */
import type { ConsumeMessage } from 'amqplib';
import type { LogDocument } from '../normalise/document.js';

/** The channel that a delivery came on: where its ack has to go, if it is still there. */
export interface Origin {
  /** Whether the channel is gone. What came on it is the broker's again, and handed out anew. */
  readonly isClosed: boolean;
  /** Tells that a delivery's outcome is known and safe. */
  settle(deliveryTag: number): void;
}

export interface Item {
  readonly delivery: ConsumeMessage;
  readonly origin: Origin;
  readonly document: LogDocument;
  /** Verdicts so far that left it to be tried again. */
  attempts: number;
}
