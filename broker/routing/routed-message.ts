/** A message on its way, for the exchanges that look at more of it than its routing key. */
import { EMPTY_TABLE, type FieldTable } from '../protocol/field-table.js';
import type { Properties } from '../protocol/properties.js';
import { propertiesOf } from '../queue/dead-letter.js';
import type { Message } from '../store/message.js';

export class RoutedMessage {
  readonly message: Message;
  /** Its own first, then those of CC and BCC. */
  readonly routingKeys: readonly string[];
  private decoded: Properties | undefined;

  constructor(message: Message, routingKeys: readonly string[], properties?: Properties) {
    this.message = message;
    this.routingKeys = routingKeys;
    this.decoded = properties;
  }

  get properties(): Properties {
    this.decoded ??= propertiesOf(this.message);
    return this.decoded;
  }

  get headers(): FieldTable {
    return this.properties.headers ?? EMPTY_TABLE;
  }
}
