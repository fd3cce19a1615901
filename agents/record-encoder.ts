/** Turns a record into what goes on the wire: body, routing key and the values of the properties. */
import { type Level, type LogRecord, routingKey } from './record.js';
import type { OutgoingRecord } from './record-queue.js';
import { cutRecord } from './record-size.js';

/** Routing keys remembered, so that one is not put together for each record. */
const ROUTING_KEYS_MAX = 1_000;
/** A short string has at most 255 bytes (AMQP 0-9-1, 4.2.5.3), a character at most four. */
const APP_ID_LENGTH_MAX = 60;

/** Encodes the records of one publisher. */
export class RecordEncoder {
  readonly #recordBytesMax: number;
  readonly #routingKeys = new Map<string, string>();

  /** @param recordBytesMax a larger record is cut down to its core */
  constructor(recordBytesMax: number) {
    this.#recordBytesMax = recordBytesMax;
  }

  /** @throws TypeError for a record that JSON cannot express: a cycle, a big integer */
  encode(record: LogRecord, settled: OutgoingRecord['settled']): OutgoingRecord {
    let body = Buffer.from(JSON.stringify(record));
    if (body.length > this.#recordBytesMax) {
      body = Buffer.from(JSON.stringify(cutRecord(record, this.#recordBytesMax)));
    }
    const service = record.service.name;
    return {
      id: record.event.id,
      routingKey: this.#routingKey(service, record.log.level),
      service: service.length > APP_ID_LENGTH_MAX ? service.slice(0, APP_ID_LENGTH_MAX) : service,
      timestampSeconds: Math.floor(Date.parse(record['@timestamp']) / 1000) || 0,
      body,
      settled,
      returned: false,
      epoch: undefined,
      position: undefined,
      isInMemory: false,
    };
  }

  #routingKey(service: string, level: Level): string {
    const name = `${level}.${service}`;
    let key = this.#routingKeys.get(name);
    if (key === undefined) {
      if (this.#routingKeys.size >= ROUTING_KEYS_MAX) this.#routingKeys.clear();
      key = routingKey(service, level);
      this.#routingKeys.set(name, key);
    }
    return key;
  }
}
