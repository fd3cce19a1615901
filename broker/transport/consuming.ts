/**
 * The consuming side of a channel: its consumers, what is unacked, and the credit of both.
 */
import { randomBytes } from 'node:crypto';
import { encodeShortString } from '../protocol/frame-writer.js';
import type { MethodArguments } from '../protocol/method-codec.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { admitConsumer, admitGet } from '../queue/admission.js';
import { Consumer, type Subscriber } from '../queue/consumer.js';
import { consumerPriority } from '../queue/consumer-arguments.js';
import { withDeliveryCount } from '../queue/delivery-count.js';
import type { Entry } from '../queue/entry.js';
import type { Queue } from '../queue/queue.js';
import type { Message } from '../store/message.js';
import type { ChannelCounters } from './channel-counters.js';
import { timedOut } from './consumer-timeouts.js';
import { DeliveryMarks } from './delivery-marks.js';
import type { ReplyConsumer } from './direct-replies.js';
import { UnackedList } from './unacked-list.js';
import type { Wire } from './wire.js';

export class Consuming implements Subscriber, ReplyConsumer {
  /** The name that direct replies to this channel come by. */
  replyName: string | undefined;

  readonly consumers = new Map<string, Consumer>();
  readonly wire: Wire;
  /** The number of the channel. */
  readonly channel: number;
  private readonly counters: ChannelCounters;
  readonly unacked = new UnackedList();
  /** Of the unacked, those that consumers were given, which count against the channel's prefetch. */
  private consumed = 0;
  /** For the channel as a whole, and for each consumer from now on; 0 for no limit. */
  channelPrefetch = 0;
  consumerPrefetch = 0;
  private replyTag: Buffer | undefined;
  closed = false;
  private readonly marks = new DeliveryMarks();

  constructor(wire: Wire, channel: number, counters: ChannelCounters) {
    this.wire = wire;
    this.channel = channel;
    this.counters = counters;
  }

  /**
   * Marks how far deliveries have got, and looks at those that are unacked.
   *
   * @throws ProtocolError 406 when one has been so for longer than its queue allows
   */
  checkTimeouts(now: number): void {
    const { unacked, marks } = this;
    marks.mark(now, unacked.count === 0 ? unacked.nextTag : unacked.oldestTag, unacked.nextTag);
    for (const [tag, { queue }] of unacked.open()) {
      const since = marks.since(tag);
      // Those behind it are newer still.
      if (since === undefined) return;
      const timeoutMs = queue.settings.consumerTimeoutMs ?? this.wire.consumerTimeouts.defaultMs;
      if (timeoutMs > 0 && now - since > timeoutMs) throw timedOut(this.channel, timeoutMs);
    }
  }

  canTake(consumer: Consumer): boolean {
    if (!consumer.noAck && this.channelPrefetch > 0 && this.consumed >= this.channelPrefetch) return false;
    return !this.closed && this.wire.canDeliver();
  }

  deliver(consumer: Consumer, entry: Entry): void {
    const { wire } = this;
    const { message } = entry;
    if (message.buffer === undefined) wire.virtualHost.store.load(message, entry.queue);
    let tag: number;
    if (consumer.noAck) tag = this.unacked.skip();
    else {
      tag = this.unacked.add(entry);
      this.consumed++;
    }
    const { encoded } = message.address;
    const { encodedTag } = consumer;
    const { deliveries } = entry;
    this.counters.countDelivery(consumer, entry.redelivered);
    wire.writer.deliver(
      this.channel,
      encodedTag,
      tag,
      entry.redelivered,
      encoded,
      deliveries > 1 ? withDeliveryCount(message, deliveries - 1) : message,
      wire.frameBytesMax,
    );
    wire.schedule();
  }

  cancelled(consumer: Consumer): void {
    this.consumers.delete(consumer.tag);
    if (!this.wire.capabilities.consumerCancelNotify) return;
    this.wire.writer.method(this.channel, 'basic.cancel', { consumerTag: consumer.tag, nowait: true });
    this.wire.schedule();
  }

  deliverReply(message: Message): void {
    if (this.replyTag === undefined) return;
    const { wire } = this;
    const tag = this.unacked.skip();
    const { encoded } = message.address;
    wire.writer.deliver(this.channel, this.replyTag, tag, false, encoded, message, wire.frameBytesMax);
    wire.schedule();
  }

  /** basic.qos: per consumer from the next one on, or for the channel as a whole. */
  setPrefetch(args: MethodArguments<'basic.qos'>): void {
    if (args.prefetchSize !== 0) throw new ProtocolError(540, `prefetch_size!=0 (${args.prefetchSize})`);
    if (args.global) this.channelPrefetch = args.prefetchCount;
    else this.consumerPrefetch = args.prefetchCount;
  }

  /** basic.consume; the queue has been found. `confirm` sends consume-ok, before any delivery. */
  consume(queue: Queue, args: MethodArguments<'basic.consume'>, confirm: (tag: string) => void): void {
    const tag = this.newTag(args.consumerTag);
    admitConsumer(queue, args.exclusive, this.channelPrefetch > 0);
    const consumer = new Consumer(queue, this, {
      tag,
      noAck: args.noAck,
      exclusive: args.exclusive,
      prefetch: this.consumerPrefetch,
      priority: consumerPriority(queue, args.arguments),
      args: args.arguments,
      deliveries: this.counters.from(queue),
    });
    this.consumers.set(tag, consumer);
    if (queue.settings.consumerTimeoutMs) this.wire.consumerTimeouts.notice(queue.settings.consumerTimeoutMs);
    confirm(tag);
    queue.addConsumer(consumer);
    queue.drain();
  }

  /** basic.consume from the pseudo-queue of direct replies. */
  consumeReplies(args: MethodArguments<'basic.consume'>, confirm: (tag: string) => void): void {
    if (this.replyName !== undefined) throw new ProtocolError(406, 'reply consumer already set');
    if (!args.noAck) throw new ProtocolError(406, 'reply consumer cannot acknowledge');
    const tag = this.newTag(args.consumerTag);
    this.replyName = this.wire.directReplies.register(this);
    this.replyTag = encodeShortString(tag);
    confirm(tag);
  }

  private newTag(asked: string): string {
    const { consumersMax } = this.wire;
    if (this.consumers.size >= consumersMax && !this.consumers.has(asked)) {
      throw new ProtocolError(530, `reached maximum (${consumersMax}) of consumers per channel`);
    }
    if (this.consumers.has(asked)) {
      throw new ProtocolError(530, `attempt to reuse consumer tag '${asked}'`);
    }
    return asked === '' ? `amq.ctag-${randomBytes(16).toString('base64url')}` : asked;
  }

  /** basic.cancel: an unknown tag is cancelled already. */
  cancel(tag: string): void {
    if (this.replyTag?.equals(encodeShortString(tag))) this.dropReplies();
    const consumer = this.consumers.get(tag);
    if (consumer === undefined) return;
    this.consumers.delete(tag);
    consumer.queue.removeConsumer(consumer);
  }

  /** Takes every consumer off whose peer understands the notice; what they hold unacked stays theirs. */
  cancelAll(): void {
    if (!this.wire.capabilities.consumerCancelNotify) return;
    for (const consumer of this.consumers.values()) {
      this.cancelled(consumer);
      consumer.queue.removeConsumer(consumer);
    }
  }

  private dropReplies(): void {
    if (this.replyName !== undefined) this.wire.directReplies.unregister(this.replyName);
    this.replyName = undefined;
    this.replyTag = undefined;
  }

  /** basic.get: sends get-ok or get-empty. */
  get(queue: Queue, noAck: boolean): void {
    const { wire } = this;
    admitGet(queue);
    const entry = queue.get(noAck);
    if (entry === undefined) {
      this.counters.countGetEmpty(queue);
      wire.writer.method(this.channel, 'basic.get-empty', { clusterId: '' });
      return;
    }
    this.counters.countGet(entry, noAck);
    const { message } = entry;
    if (message.buffer === undefined) wire.virtualHost.store.load(message, entry.queue);
    wire.writer.method(this.channel, 'basic.get-ok', {
      deliveryTag: noAck ? this.unacked.skip() : this.unacked.add(entry),
      redelivered: entry.redelivered,
      exchange: message.address.exchange,
      routingKey: message.address.routingKey,
      messageCount: queue.readyCount,
    });
    const { deliveries } = entry;
    const content = deliveries > 0 ? withDeliveryCount(message, deliveries - 1) : message;
    wire.writer.content(this.channel, content, wire.frameBytesMax);
  }

  /** basic.ack. @throws ProtocolError 406 for an unknown delivery tag */
  acknowledge(tag: number, multiple: boolean): void {
    if (!multiple) {
      const entry = this.unacked.take(tag);
      if (entry === undefined) throw unknownTag(tag);
      const { queue } = entry;
      this.counters.countAck(entry);
      this.release(entry);
      queue.acknowledge(entry);
      this.creditReturned(queue);
      return;
    }
    const queues = new Set<Queue>();
    for (const entry of this.takeUpTo(tag)) {
      this.counters.countAck(entry);
      this.release(entry);
      entry.queue.acknowledge(entry);
      queues.add(entry.queue);
    }
    for (const queue of queues) this.creditReturned(queue);
  }

  /** basic.nack and basic.reject. @throws ProtocolError 406 for an unknown delivery tag */
  refuse(tag: number, multiple: boolean, requeue: boolean): void {
    let entries: Entry[];
    if (multiple) entries = this.takeUpTo(tag);
    else {
      const entry = this.unacked.take(tag);
      if (entry === undefined) throw unknownTag(tag);
      entries = [entry];
    }
    if (requeue) this.requeue(entries);
    else this.discard(entries);
  }

  private takeUpTo(tag: number): Entry[] {
    if (tag !== 0 && !this.unacked.has(tag)) throw unknownTag(tag);
    return this.unacked.takeUpTo(tag);
  }

  private discard(entries: readonly Entry[]): void {
    const queues = new Set<Queue>();
    for (const entry of entries) {
      this.release(entry);
      entry.queue.discard(entry);
      queues.add(entry.queue);
    }
    for (const queue of queues) this.creditReturned(queue);
  }

  private requeue(entries: readonly Entry[]): void {
    const byQueue = new Map<Queue, Entry[]>();
    for (const entry of entries) {
      this.release(entry);
      const list = byQueue.get(entry.queue);
      if (list === undefined) byQueue.set(entry.queue, [entry]);
      else list.push(entry);
    }
    for (const [queue, list] of byQueue) queue.requeue(list);
    for (const queue of byQueue.keys()) this.creditReturned(queue);
  }

  private release(entry: Entry): void {
    if (entry.consumer !== undefined) this.consumed--;
  }

  /** Credit is back: whoever may have waited for it is served. */
  private creditReturned(queue: Queue): void {
    queue.drain();
    if (this.channelPrefetch > 0) this.resume();
  }

  /** basic.recover: everything unacked goes back. */
  recover(): void {
    this.requeue(this.unacked.takeUpTo(0));
  }

  /** The peer reads again, or credit is back: queues that waited for it go on. */
  resume(): void {
    for (const consumer of this.consumers.values()) consumer.queue.drain();
  }

  /** The channel ends: its consumers are gone, what is unacked goes back. */
  close(): void {
    this.dropReplies();
    const consumers = [...this.consumers.values()];
    this.consumers.clear();
    const entries = this.unacked.takeUpTo(0);
    this.closed = true;
    // First back, then away: an auto-delete queue goes with its last consumer.
    this.requeue(entries);
    for (const consumer of consumers) consumer.queue.removeConsumer(consumer);
  }
}

export function unknownTag(tag: number): ProtocolError {
  return new ProtocolError(406, `unknown delivery tag ${tag}`);
}
