/**
 * One confirm channel in use: sends records while the window is open, and tells what became of each.
 *
 * Responsible for tags, the window and the library's own congestion. Lives as long as the channel.
 */
import type { ConfirmChannel, Options } from 'amqplib';
import { ConfirmWindow } from './confirm-window.js';
import { RECORD_CONTENT_TYPE, RECORD_MESSAGE_TYPE } from './record.js';
import type { OutgoingRecord } from './record-queue.js';

/** Told what became of each record. */
export interface ChannelListener {
  confirmed(record: OutgoingRecord): void;
  /** The broker returned the record: no queue takes it. */
  returned(record: OutgoingRecord): void;
  nacked(record: OutgoingRecord): void;
  /** There may be room to send again. */
  writable(): void;
}

/** How to publish. */
export interface ChannelSettings {
  readonly exchange: string;
  readonly mandatory: boolean;
  readonly windowRecordsMax: number;
  readonly windowBytesMax: number;
}

/** A confirm channel with its window of unconfirmed records. */
export class PublishingChannel {
  /** Set while the broker asks us to stop (`connection.blocked`). */
  blocked = false;
  readonly #channel: ConfirmChannel;
  readonly #settings: ChannelSettings;
  readonly #listener: ChannelListener;
  readonly #window = new ConfirmWindow();
  #windowBytes = 0;
  /** The library asked us to wait until its own write buffer is empty. */
  #congested = false;

  constructor(channel: ConfirmChannel, settings: ChannelSettings, listener: ChannelListener) {
    this.#channel = channel;
    this.#settings = settings;
    this.#listener = listener;
    channel.on('ack', ({ deliveryTag, multiple }) => {
      this.#window.settle(deliveryTag, multiple, this.#acked);
      listener.writable();
    });
    channel.on('nack', ({ deliveryTag, multiple }) => {
      this.#window.settle(deliveryTag, multiple, this.#refused);
      listener.writable();
    });
    // The broker returns a message before it confirms it, so it is still in the window.
    channel.on('return', (message) => {
      const record = this.#window.find(String(message.properties.messageId));
      if (record !== undefined) record.returned = true;
    });
    channel.on('drain', () => {
      this.#congested = false;
      listener.writable();
    });
  }

  /** Records sent and not yet confirmed. */
  get inFlight(): number {
    return this.#window.size;
  }

  /** Whether another record may be sent now. */
  get isWritable(): boolean {
    return (
      !this.blocked &&
      !this.#congested &&
      this.#window.size < this.#settings.windowRecordsMax &&
      this.#windowBytes < this.#settings.windowBytesMax
    );
  }

  /** @throws when the channel has just been closed; the record then counts as not sent */
  send(record: OutgoingRecord): void {
    const properties: Options.Publish = {
      contentType: RECORD_CONTENT_TYPE,
      type: RECORD_MESSAGE_TYPE,
      messageId: record.id,
      timestamp: record.timestampSeconds,
      appId: record.service,
      deliveryMode: 2,
      mandatory: this.#settings.mandatory,
    };
    const { exchange } = this.#settings;
    const hasRoom = this.#channel.publish(exchange, record.routingKey, record.body, properties);
    if (!hasRoom) this.#congested = true;
    this.#window.add(record);
    this.#windowBytes += record.body.length;
  }

  /** The records whose fate is unknown, oldest first: the channel is over. */
  takeUnconfirmed(): OutgoingRecord[] {
    this.#windowBytes = 0;
    return this.#window.takeAll();
  }

  readonly #acked = (record: OutgoingRecord): void => {
    this.#windowBytes -= record.body.length;
    if (record.returned) this.#listener.returned(record);
    else this.#listener.confirmed(record);
  };

  readonly #refused = (record: OutgoingRecord): void => {
    this.#windowBytes -= record.body.length;
    this.#listener.nacked(record);
  };
}
