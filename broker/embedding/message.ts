/** Messages as a program that embeds the broker gives and gets them. */
import { EMPTY_TABLE } from '../protocol/field-table.js';
import { type AnyTable, fromFieldTable, type PlainTable, toFieldTable } from '../protocol/plain-values.js';
import type { Properties } from '../protocol/properties.js';

/** The properties of specification 1.8.1, with headers as plain values. */
export interface MessageProperties extends Omit<Properties, 'headers'> {
  /** Whether it survives a restart in a durable queue: delivery-mode 2. */
  readonly persistent?: boolean;
  readonly headers?: AnyTable;
}

/** What a program gave, as it goes over the wire. */
export function toProperties({ persistent, headers, ...rest }: MessageProperties): Properties {
  return {
    ...rest,
    ...(headers === undefined ? {} : { headers: toFieldTable(headers) }),
    ...(persistent ? { deliveryMode: 2 } : {}),
  };
}

function fromProperties({ deliveryMode, headers, ...rest }: Properties): ReceivedProperties {
  return { ...rest, persistent: deliveryMode === 2, headers: fromFieldTable(headers ?? EMPTY_TABLE) };
}

export interface ReceivedProperties extends MessageProperties {
  readonly persistent: boolean;
  readonly headers: PlainTable;
}

/** A message that came from the broker, delivered, fetched or returned. */
export class ReceivedMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: ReceivedProperties;
  /** The properties with the types that they have on the wire. */
  readonly wireProperties: Properties;
  readonly body: Buffer;

  constructor(exchange: string, routingKey: string, properties: Properties, body: Buffer) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.properties = fromProperties(properties);
    this.wireProperties = properties;
    this.body = body;
  }

  /** The body as UTF-8. */
  text(): string {
    return this.body.toString();
  }

  /** The body as JSON. @throws SyntaxError when it is none */
  json(): unknown {
    return JSON.parse(this.text());
  }
}

/** A content as it came over the wire. */
export interface ReceivedContent {
  readonly properties: Properties;
  readonly body: Buffer;
}

/** What basic.deliver and basic.get-ok say. */
export interface DeliveredArguments {
  readonly exchange: string;
  readonly routingKey: string;
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly messageCount?: number;
}

/** What settles a delivery. */
export interface Settler {
  settle(name: 'basic.ack' | 'basic.nack', deliveryTag: number, multiple: boolean, requeue: boolean): void;
}

/** A message that is unacked until it is settled, unless it was asked for with `noAck`. */
export class Delivery extends ReceivedMessage {
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  /** Ready messages left in the queue; for basic.get only. */
  readonly messageCount: number | undefined;
  private readonly settler: Settler;

  constructor(received: ReceivedContent, delivered: DeliveredArguments, settler: Settler) {
    super(delivered.exchange, delivered.routingKey, received.properties, received.body);
    this.settler = settler;
    this.deliveryTag = delivered.deliveryTag;
    this.redelivered = delivered.redelivered;
    this.messageCount = delivered.messageCount;
  }

  /** Done with; with `multiple` all up to this one are. */
  ack({ multiple = false } = {}): void {
    this.settler.settle('basic.ack', this.deliveryTag, multiple, false);
  }

  /** Refused: back to its place in the queue, or with `requeue: false` dead-lettered or dropped. */
  nack({ requeue = true, multiple = false } = {}): void {
    this.settler.settle('basic.nack', this.deliveryTag, multiple, requeue);
  }
}
