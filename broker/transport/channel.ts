/**
 * A channel: takes its frames, dispatches methods, and answers them. Publishing and consuming are in
 * publisher.ts and consuming.ts, the topology in topology-methods.ts.
 */
import { CLASS_BASIC, FRAME_METHOD } from '../protocol/constants.js';
import { decodeMethod, type Method, type MethodArguments } from '../protocol/method-codec.js';
import type { MethodName } from '../protocol/method-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { WireReader } from '../protocol/wire-reader.js';
import type { Message } from '../store/message.js';
import { ChannelCounters } from './channel-counters.js';
import { Consuming } from './consuming.js';
import { REPLY_QUEUE } from './direct-replies.js';
import { Publisher, type PublisherChannel } from './publisher.js';
import { TopologyMethods } from './topology-methods.js';
import { UncommittedSettlements } from './uncommitted-settlements.js';
import type { Wire } from './wire.js';

const BASIC_PUBLISH = 40;
const BASIC_ACK = 80;

export class Channel implements PublisherChannel {
  readonly number: number;
  /** The class and method that is being worked on, for the close frame if it fails. */
  classId = 0;
  methodId = 0;
  readonly consuming: Consuming;
  readonly counters: ChannelCounters;
  readonly publisher: Publisher;
  private readonly wire: Wire;
  private readonly topology: TopologyMethods;
  readonly uncommitted: UncommittedSettlements;

  constructor(wire: Wire, number: number) {
    this.wire = wire;
    this.number = number;
    this.counters = new ChannelCounters(wire.virtualHost);
    this.publisher = new Publisher(wire.virtualHost, this, wire);
    this.consuming = new Consuming(wire, number, this.counters);
    this.topology = new TopologyMethods(wire);
    this.uncommitted = new UncommittedSettlements(this.consuming);
  }

  /** Whether a content is under way. */
  get busy(): boolean {
    return this.publisher.busy;
  }

  /** Whether nothing is unacked, unconfirmed or uncommitted. */
  get settled(): boolean {
    return this.publisher.settled && this.consuming.unacked.count === 0;
  }

  get replyName(): string | undefined {
    return this.consuming.replyName;
  }

  /**
   * Takes a frame.
   *
   * @throws ProtocolError for what closes the channel or the connection
   */
  frame(type: number, buffer: Buffer, start: number, end: number): void {
    if (type !== FRAME_METHOD) {
      if (!this.publisher.busy) this.classId = this.methodId = 0;
      this.publisher.content(type, buffer, start, end);
      return;
    }
    if (end - start < 4) throw new ProtocolError(502, 'method ends too early');
    const classId = ((buffer[start] as number) << 8) | (buffer[start + 1] as number);
    const methodId = ((buffer[start + 2] as number) << 8) | (buffer[start + 3] as number);
    if (this.publisher.busy) throw this.publisher.unexpected();
    this.classId = classId;
    this.methodId = methodId;
    if (classId === CLASS_BASIC && methodId === BASIC_PUBLISH) {
      this.publisher.begin(buffer, start, end);
    } else if (classId === CLASS_BASIC && methodId === BASIC_ACK && end - start === 13) {
      const tag = buffer.readUInt32BE(start + 4) * 0x1_0000_0000 + buffer.readUInt32BE(start + 8);
      this.settle(tag, ((buffer[start + 12] as number) & 1) !== 0, undefined);
    } else {
      this.method(decodeMethod(new WireReader(buffer, start, end)));
      this.wire.schedule();
    }
  }

  private reply<Name extends MethodName>(name: Name, args: MethodArguments<Name>): void {
    this.wire.writer.method(this.number, name, args);
  }

  private method(method: Method): void {
    const { name } = method;
    if (name.startsWith('exchange.')) this.exchangeMethod(method);
    else if (name.startsWith('queue.')) this.queueMethod(method);
    else if (name.startsWith('basic.')) this.basicMethod(method);
    else this.modeMethod(method);
  }

  private exchangeMethod(method: Method): void {
    switch (method.name) {
      case 'exchange.declare':
        this.topology.declareExchange(method.args);
        if (!method.args.nowait) this.reply('exchange.declare-ok', {});
        return;
      case 'exchange.delete':
        this.topology.deleteExchange(method.args);
        if (!method.args.nowait) this.reply('exchange.delete-ok', {});
        return;
      case 'exchange.bind':
        this.topology.bindExchange(method.args);
        if (!method.args.nowait) this.reply('exchange.bind-ok', {});
        return;
      case 'exchange.unbind':
        this.topology.unbindExchange(method.args);
        if (!method.args.nowait) this.reply('exchange.unbind-ok', {});
        return;
      default:
        throw unimplemented();
    }
  }

  private queueMethod(method: Method): void {
    switch (method.name) {
      case 'queue.declare': {
        const declared = this.topology.declareQueue(method.args);
        if (!method.args.nowait) this.reply('queue.declare-ok', declared);
        return;
      }
      case 'queue.bind':
        this.topology.bindQueue(method.args);
        if (!method.args.nowait) this.reply('queue.bind-ok', {});
        return;
      case 'queue.unbind':
        this.topology.unbindQueue(method.args);
        this.reply('queue.unbind-ok', {});
        return;
      case 'queue.purge': {
        const messageCount = this.topology.purge(method.args);
        if (!method.args.nowait) this.reply('queue.purge-ok', { messageCount });
        return;
      }
      case 'queue.delete':
        this.topology.deleteQueue(method.args, (messageCount) => {
          if (!method.args.nowait) this.reply('queue.delete-ok', { messageCount });
        });
        return;
      default:
        throw unimplemented();
    }
  }

  private basicMethod(method: Method): void {
    switch (method.name) {
      case 'basic.qos':
        this.consuming.setPrefetch(method.args);
        this.reply('basic.qos-ok', {});
        if (method.args.global) this.consuming.resume();
        return;
      case 'basic.consume':
        this.consume(method.args);
        return;
      case 'basic.cancel':
        this.consuming.cancel(method.args.consumerTag);
        if (!method.args.nowait) this.reply('basic.cancel-ok', { consumerTag: method.args.consumerTag });
        return;
      case 'basic.get':
        this.consuming.get(this.topology.readable(method.args.queue), method.args.noAck);
        return;
      case 'basic.ack':
        this.settle(method.args.deliveryTag, method.args.multiple, undefined);
        return;
      case 'basic.nack':
        this.settle(method.args.deliveryTag, method.args.multiple, method.args.requeue);
        return;
      case 'basic.reject':
        this.settle(method.args.deliveryTag, false, method.args.requeue);
        return;
      case 'basic.recover':
      case 'basic.recover-async':
        if (!method.args.requeue) throw new ProtocolError(540, 'requeue=false');
        if (method.name === 'basic.recover') this.reply('basic.recover-ok', {});
        if (this.publisher.transaction === undefined) this.consuming.recover();
        else this.uncommitted.recover();
        return;
      default:
        throw unimplemented();
    }
  }

  private consume(args: MethodArguments<'basic.consume'>): void {
    const confirm = (consumerTag: string): void => {
      if (!args.nowait) this.reply('basic.consume-ok', { consumerTag });
    };
    if (args.queue === REPLY_QUEUE) this.consuming.consumeReplies(args, confirm);
    else this.consuming.consume(this.topology.readable(args.queue), args, confirm);
  }

  private modeMethod(method: Method): void {
    switch (method.name) {
      case 'channel.flow':
        if (!method.args.active) throw new ProtocolError(540, 'active=false');
        this.reply('channel.flow-ok', { active: true });
        return;
      case 'channel.open':
        throw new ProtocolError(504, "second 'channel.open' seen");
      case 'confirm.select':
        if (this.publisher.transaction !== undefined) {
          throw new ProtocolError(406, 'cannot switch from tx to confirm mode');
        }
        this.publisher.selectConfirms();
        if (!method.args.nowait) this.reply('confirm.select-ok', {});
        return;
      case 'access.request':
        this.reply('access.request-ok', { ticket: 1 });
        return;
      case 'tx.select':
        if (this.publisher.confirms !== undefined) {
          throw new ProtocolError(406, 'cannot switch from confirm to tx mode');
        }
        this.publisher.transaction ??= [];
        this.reply('tx.select-ok', {});
        return;
      case 'tx.commit':
        this.commit();
        return;
      case 'tx.rollback':
        this.requireTransaction();
        this.publisher.transaction = [];
        this.uncommitted.rollBack();
        this.reply('tx.rollback-ok', {});
        return;
      default:
        throw unimplemented();
    }
  }

  private requireTransaction(): void {
    if (this.publisher.transaction === undefined) {
      throw new ProtocolError(406, 'channel is not transactional');
    }
  }

  private commit(): void {
    this.requireTransaction();
    const accepted = this.publisher.commit();
    this.uncommitted.commit();
    if (!accepted) throw new ProtocolError(406, 'partial tx completion');
    this.reply('tx.commit-ok', {});
    this.wire.holdUntilWritten();
  }

  private settle(tag: number, multiple: boolean, requeue: boolean | undefined): void {
    if (this.publisher.transaction !== undefined) this.uncommitted.add(tag, multiple, requeue);
    else if (requeue === undefined) this.consuming.acknowledge(tag, multiple);
    else this.consuming.refuse(tag, multiple, requeue);
  }

  returned(message: Message): void {
    const { exchange, routingKey } = message.address;
    this.reply('basic.return', { replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey });
    this.wire.writer.content(this.number, message, this.wire.frameBytesMax);
    this.wire.schedule();
  }

  confirmsWaiting(): void {
    this.wire.confirmsWaiting(this);
  }

  /** Writes the confirms of this turn. */
  reportConfirms(): void {
    this.publisher.report(this.wire.writer, this.number);
  }

  /** Ends the channel, whoever closes it. */
  close(): void {
    this.publisher.close();
    this.consuming.close();
  }
}

function unimplemented(): ProtocolError {
  return new ProtocolError(503, 'unimplemented method');
}
