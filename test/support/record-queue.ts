/** A queue that receives what an agent publishes, on an exchange of its own. */
import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import type { LogRecord } from '../../agents/record.js';

/** A message of an agent, decoded. */
export interface ReceivedRecord {
  readonly routingKey: string;
  readonly properties: ConsumeMessage['properties'];
  readonly record: LogRecord;
}

/** Consumes every record of an exchange and lets tests wait for them. */
export class ReceivedRecords {
  readonly exchange: string;
  readonly received: ReceivedRecord[] = [];
  readonly #different = new Set<string>();
  readonly #model: ChannelModel;
  readonly #channel: Channel;
  #changed: () => void = () => undefined;

  /** @param bound false: the exchange has no queue until `bind` is called */
  static async start(url: string, bound = true): Promise<ReceivedRecords> {
    const model = await connect(url);
    const records = new ReceivedRecords(model, await model.createChannel(), `test-${randomUUID()}`);
    await records.#channel.assertExchange(records.exchange, 'topic', { durable: true });
    if (bound) await records.bind('#');
    return records;
  }

  private constructor(model: ChannelModel, channel: Channel, exchange: string) {
    this.#model = model;
    this.#channel = channel;
    this.exchange = exchange;
  }

  get ids(): string[] {
    return this.received.map(({ record }) => record.event.id);
  }

  get messages(): string[] {
    return this.received.map(({ record }) => record.message);
  }

  async bind(bindingKey: string): Promise<void> {
    const { queue } = await this.#channel.assertQueue('', { exclusive: true });
    await this.#channel.bindQueue(queue, this.exchange, bindingKey);
    await this.#channel.consume(queue, (message) => this.#take(message), { noAck: true });
  }

  async deleteExchange(): Promise<void> {
    await this.#channel.deleteExchange(this.exchange);
  }

  /** Resolves once this many different records have come. */
  async count(records: number): Promise<void> {
    await this.until(() => this.#different.size >= records);
  }

  /** Resolves once the condition holds; looked at after each record. */
  async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    await this.#channel.deleteExchange(this.exchange);
    await this.#model.close();
  }

  #take(message: ConsumeMessage | null): void {
    if (message === null) return;
    const { fields, properties, content } = message;
    const record = JSON.parse(content.toString()) as LogRecord;
    this.received.push({ routingKey: fields.routingKey, properties, record });
    this.#different.add(record.event.id);
    this.#changed();
  }
}
