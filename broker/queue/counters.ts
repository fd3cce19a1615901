/**
 * What RabbitMQ's management counts, as plain numbers that only grow: what each is for is told by the names
 * of its statistics. They are counted on the way of every message, so nothing is done here but that.
 */

/** What was handed out: of a queue, of a channel from a queue, or of all queues of a type. */
export class DeliveryCounters {
  /** By basic.deliver, to be acked. */
  deliver = 0;
  deliverNoAck = 0;
  /** By basic.get, to be acked. */
  get = 0;
  getNoAck = 0;
  getEmpty = 0;
  /** Of all of these, those that had been handed out before. */
  redeliver = 0;
  ack = 0;

  get deliverGet(): number {
    return this.deliver + this.deliverNoAck + this.get + this.getNoAck;
  }

  add(other: DeliveryCounters): void {
    this.deliver += other.deliver;
    this.deliverNoAck += other.deliverNoAck;
    this.get += other.get;
    this.getNoAck += other.getNoAck;
    this.getEmpty += other.getEmpty;
    this.redeliver += other.redeliver;
    this.ack += other.ack;
  }
}

/** What was published by clients: of a channel to an exchange, or in a virtual host. */
export class PublishCounters {
  publish = 0;
  confirm = 0;
  returnUnroutable = 0;
  dropUnroutable = 0;

  add(other: PublishCounters): void {
    this.publish += other.publish;
    this.confirm += other.confirm;
    this.returnUnroutable += other.returnUnroutable;
    this.dropUnroutable += other.dropUnroutable;
  }
}

/** What left queues of one type without being acked, by reason, whether a dead letter was made of it or not. */
export class LetterCounters {
  maxlen = 0;
  expired = 0;
  rejected = 0;
  delivery_limit = 0;
  /** Dead letters that are known to be where they had to go. */
  confirmed = 0;

  add(other: LetterCounters): void {
    this.maxlen += other.maxlen;
    this.expired += other.expired;
    this.rejected += other.rejected;
    this.delivery_limit += other.delivery_limit;
    this.confirmed += other.confirmed;
  }
}
