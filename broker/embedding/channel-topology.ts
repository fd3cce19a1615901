/** The methods of the classes exchange and queue, for a program that embeds the broker. */
import type { FieldTable } from '../protocol/field-table.js';
import { type AnyTable, toFieldTable } from '../protocol/plain-values.js';
import { ChannelRequests, TICKET } from './channel-requests.js';

export interface ExchangeOptions {
  readonly durable?: boolean;
  readonly autoDelete?: boolean;
  readonly internal?: boolean;
  readonly arguments?: AnyTable;
}

export interface QueueOptions {
  readonly durable?: boolean;
  readonly exclusive?: boolean;
  readonly autoDelete?: boolean;
  readonly arguments?: AnyTable;
}

export interface DeclaredQueue {
  readonly queue: string;
  readonly messageCount: number;
  readonly consumerCount: number;
}

/** What exchange.bind and exchange.unbind say. */
interface ExchangeBinding {
  ticket: number;
  destination: string;
  source: string;
  routingKey: string;
  nowait: boolean;
  arguments: FieldTable;
}

function exchangeBinding(
  destination: string,
  source: string,
  routingKey: string,
  args: AnyTable,
): ExchangeBinding {
  const ends = { ticket: TICKET, destination, source, routingKey, nowait: false };
  return { ...ends, arguments: toFieldTable(args) };
}

export abstract class ChannelTopology extends ChannelRequests {
  async declareExchange(exchange: string, type: string, options: ExchangeOptions = {}): Promise<void> {
    const { durable = false, autoDelete = false, internal = false } = options;
    const flags = { passive: false, durable, autoDelete, internal, nowait: false };
    const args = toFieldTable(options.arguments ?? {});
    await this.call('exchange.declare', { ticket: TICKET, exchange, type, ...flags, arguments: args });
  }

  async deleteExchange(exchange: string, { ifUnused = false } = {}): Promise<void> {
    await this.call('exchange.delete', { ticket: TICKET, exchange, ifUnused, nowait: false });
  }

  /** Binds an exchange to another: what `source` routes by this key goes to `destination` as well. */
  async bindExchange(
    destination: string,
    source: string,
    routingKey = '',
    args: AnyTable = {},
  ): Promise<void> {
    await this.call('exchange.bind', exchangeBinding(destination, source, routingKey, args));
  }

  async unbindExchange(
    destination: string,
    source: string,
    routingKey = '',
    args: AnyTable = {},
  ): Promise<void> {
    await this.call('exchange.unbind', exchangeBinding(destination, source, routingKey, args));
  }

  /** Declares a queue; without a name the broker makes one up. */
  async declareQueue(queue = '', options: QueueOptions = {}): Promise<DeclaredQueue> {
    return this.queueDeclare(queue, false, options);
  }

  /** Asks for a queue that must be there: a passive declare. */
  async checkQueue(queue: string): Promise<DeclaredQueue> {
    return this.queueDeclare(queue, true, {});
  }

  private queueDeclare(queue: string, passive: boolean, options: QueueOptions): Promise<DeclaredQueue> {
    const { durable = false, exclusive = false, autoDelete = false } = options;
    const flags = { passive, durable, exclusive, autoDelete, nowait: false };
    const args = toFieldTable(options.arguments ?? {});
    const declaration = { ticket: TICKET, queue, ...flags, arguments: args };
    return this.ask('queue.declare', 'queue.declare-ok', declaration);
  }

  async bindQueue(queue: string, exchange: string, routingKey = '', args: AnyTable = {}): Promise<void> {
    const ends = { ticket: TICKET, queue, exchange, routingKey };
    await this.call('queue.bind', { ...ends, nowait: false, arguments: toFieldTable(args) });
  }

  async unbindQueue(queue: string, exchange: string, routingKey = '', args: AnyTable = {}): Promise<void> {
    const ends = { ticket: TICKET, queue, exchange, routingKey };
    await this.call('queue.unbind', { ...ends, arguments: toFieldTable(args) });
  }

  /** Removes the ready messages; resolves with how many there were. */
  async purgeQueue(queue: string): Promise<number> {
    const reply = await this.ask('queue.purge', 'queue.purge-ok', { ticket: TICKET, queue, nowait: false });
    return reply.messageCount;
  }

  /** Deletes a queue; resolves with how many ready messages it had. */
  async deleteQueue(queue: string, { ifUnused = false, ifEmpty = false } = {}): Promise<number> {
    const args = { ticket: TICKET, queue, ifUnused, ifEmpty, nowait: false };
    return (await this.ask('queue.delete', 'queue.delete-ok', args)).messageCount;
  }
}
