/**
 * The publishing side of a channel: from basic.publish and its content to the queues, the return of
 * what could not be routed, and the confirm. The hot path of the broker: a repeated publish without
 * properties that need attention costs one copy and two objects.
 */
import { FRAME_METHOD } from '../protocol/constants.js';
import { ContentAssembler, HEADER_FIXED_BYTES } from '../protocol/content-assembler.js';
import type { FrameWriter } from '../protocol/frame-writer.js';
import { type Properties, PropertyScan } from '../protocol/properties.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';
import type { PublishCounters } from '../queue/counters.js';
import { encodeHeader, propertiesOf } from '../queue/dead-letter.js';
import type { Queue } from '../queue/queue.js';
import type { Exchange } from '../routing/exchange.js';
import { route, routeByKey } from '../routing/route.js';
import { RoutedMessage } from '../routing/routed-message.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import { Message } from '../store/message.js';
import type { ChannelCounters } from './channel-counters.js';
import { ConfirmWindow } from './confirm-window.js';
import { type DirectReplies, REPLY_QUEUE } from './direct-replies.js';
import { inspect } from './inspection.js';
import { type FlowEnd, PublishFlow } from './publish-flow.js';
import { type PublishTarget, PublishTargets } from './publish-target.js';
import { Rights } from './rights.js';
import type { Wire } from './wire.js';

/** The channel, as its publishing side sees it. */
export interface PublisherChannel {
  /** The name of its direct replies, if it consumes them. */
  readonly replyName: string | undefined;
  readonly counters: ChannelCounters;
  /** There are confirms to report at the end of this turn. */
  confirmsWaiting(): void;
  returned(message: Message): void;
}

/** A publish that waits for tx.commit. */
interface Uncommitted {
  message: Message;
  queues: readonly Queue[];
  mandatory: boolean;
  flow: PublishFlow;
}

const scan = new PropertyScan();

export class Publisher implements FlowEnd {
  /** Set by confirm.select. */
  confirms: ConfirmWindow | undefined;
  /** Set by tx.select. */
  transaction: Uncommitted[] | undefined;

  private readonly virtualHost: VirtualHost;
  private readonly channel: PublisherChannel;
  private readonly counters: ChannelCounters;
  private readonly targets = new PublishTargets();
  private readonly assembler: ContentAssembler;
  private target: PublishTarget | undefined;
  private reporting = false;
  private readonly wire: Wire;
  private readonly rights: Rights;
  private readonly directReplies: DirectReplies;

  constructor(virtualHost: VirtualHost, channel: PublisherChannel, wire: Wire) {
    this.virtualHost = virtualHost;
    this.channel = channel;
    this.counters = channel.counters;
    this.wire = wire;
    this.rights = new Rights(wire);
    this.directReplies = wire.directReplies;
    this.assembler = new ContentAssembler(wire.space, wire.messageBytesMax);
  }

  /** Whether a content is under way, so that only its frames may come. */
  get busy(): boolean {
    return this.assembler.busy;
  }

  /** Whether all that was published is confirmed or committed, as far as that was asked for. */
  get settled(): boolean {
    return !this.busy && (this.confirms?.settled ?? true) && (this.transaction?.length ?? 0) === 0;
  }

  /** The error for any other frame meanwhile. */
  unexpected(): ProtocolError {
    return this.assembler.unexpected();
  }

  selectConfirms(): void {
    this.confirms ??= new ConfirmWindow();
  }

  /** A basic.publish was received. */
  begin(buffer: Buffer, start: number, end: number): void {
    this.target = this.targets.find(buffer, start, end);
    this.assembler.begin();
  }

  /** A header or body frame was received. */
  content(type: number, buffer: Buffer, start: number, end: number): void {
    if (type === FRAME_METHOD) throw this.assembler.unexpected();
    if (this.assembler.accept(type, buffer, start, end)) this.complete(this.target as PublishTarget);
  }

  private complete(target: PublishTarget): void {
    const { assembler, virtualHost } = this;
    if (target.version !== virtualHost.version) this.locate(target);
    const flow = target.flow as PublishFlow;
    virtualHost.tally.sizes.count(assembler.bodyBytes);
    const message = new Message(
      virtualHost.ids.nextMessage++,
      target.address,
      assembler.buffer,
      assembler.offset,
      assembler.headerBytes,
      assembler.bodyBytes,
    );
    const propertiesAt = assembler.offset + HEADER_FIXED_BYTES;
    scan.scan(assembler.buffer, propertiesAt, assembler.offset + assembler.headerBytes);
    message.persistent = scan.persistent;
    message.priority = scan.priority;
    message.credit = this.wire.credit;
    const queues = scan.needsInspection
      ? this.routeInspected(message, target)
      : (target.queues ?? this.routeMessage(message, target));
    if (queues.length === 0 && this.replied(message, flow)) return;
    const { mandatory } = target;
    if (this.transaction !== undefined) {
      virtualHost.tally.uncommitted++;
      this.transaction.push({ message, queues, mandatory, flow });
      return;
    }
    if (queues.length === 0 && mandatory) this.channel.returned(message);
    this.counters.countPublish(flow.counters, flow.exchange, queues, mandatory);
    this.hand(message, queues, flow);
  }

  private hand(message: Message, queues: readonly Queue[], flow: PublishFlow): void {
    const tag = this.confirms === undefined ? 0 : this.openConfirm(this.confirms);
    const accepted = this.virtualHost.publish(message, queues);
    if (this.confirms === undefined) return;
    if (!accepted) {
      this.confirms.nack(tag);
      this.askToReport();
    } else if (message.unwritten === 0) {
      this.confirmed(tag, flow.counters);
    } else {
      message.confirmer = flow;
      message.publishTag = tag;
    }
  }

  private openConfirm(confirms: ConfirmWindow): number {
    this.virtualHost.tally.receivedConfirm++;
    return confirms.open();
  }

  /** Hands a direct reply over; false when it is none. */
  private replied(message: Message, { counters, exchange: replyExchange }: PublishFlow): boolean {
    const { exchange, routingKey } = message.address;
    const consumer = this.directReplies.find(exchange, routingKey);
    if (consumer === undefined) return false;
    consumer.deliverReply(message);
    this.counters.countReply(counters, replyExchange);
    if (this.confirms !== undefined) this.confirmed(this.openConfirm(this.confirms), counters);
    return true;
  }

  confirmed(publishTag: number, counters: PublishCounters): void {
    this.confirms?.ack(publishTag);
    this.counters.countConfirm(counters);
    this.askToReport();
  }

  private askToReport(): void {
    if (this.reporting) return;
    this.reporting = true;
    this.channel.confirmsWaiting();
  }

  /** Writes the confirms that have come together. */
  report(writer: FrameWriter, channel: number): void {
    this.reporting = false;
    this.confirms?.report(writer, channel);
  }

  /** The channel is gone: nobody waits for its confirms. */
  close(): void {
    this.reporting = true;
    this.transaction = undefined;
  }

  /** Publishes what tx.commit makes valid; false if a queue refused any of it. */
  commit(): boolean {
    const publishes = (this.transaction ?? []).map(({ queues, ...rest }) => ({
      ...rest,
      queues: queues.filter((queue) => !queue.deleted),
    }));
    this.transaction = [];
    for (const { message, queues, mandatory } of publishes) {
      if (queues.length === 0 && mandatory) this.channel.returned(message);
    }
    let accepted = true;
    this.virtualHost.tally.uncommitted -= publishes.length;
    for (const { message, queues, mandatory, flow } of publishes) {
      this.counters.countPublish(flow.counters, flow.exchange, queues, mandatory);
      // It stands behind what was published before the commit, on disk and when it is requeued as well.
      message.id = this.virtualHost.ids.nextMessage++;
      if (!this.virtualHost.publish(message, queues)) accepted = false;
    }
    return accepted;
  }

  /** Finds the exchange anew after a change of the topology. */
  private locate(target: PublishTarget): void {
    const { virtualHost } = this;
    this.wire.published();
    const { exchange: name, routingKey } = target.address;
    this.rights.require('write', 'exchange', name);
    const exchange = virtualHost.exchanges.require(name);
    if (exchange.internal) {
      throw new ProtocolError(403, `cannot publish to internal ${named('exchange', name, virtualHost.name)}`);
    }
    this.rights.requireTopic('write', exchange, routingKey);
    if (target.flow?.exchange !== exchange) target.flow = this.flowTo(exchange);
    target.queues = routeByKey(virtualHost, exchange, routingKey);
    target.version = virtualHost.version;
  }

  private flowTo(exchange: Exchange): PublishFlow {
    return new PublishFlow(exchange, this.counters.to(exchange), this);
  }

  private routeMessage(message: Message, target: PublishTarget): readonly Queue[] {
    const routed = new RoutedMessage(message, [target.address.routingKey]);
    return route(this.virtualHost, (target.flow as PublishFlow).exchange, routed);
  }

  private routeInspected(message: Message, target: PublishTarget): readonly Queue[] {
    const properties = propertiesOf(message);
    const { expirationMs, copies, blindKeys, rewritten } = inspect(properties, this.wire.identity);
    const kept = this.withReplyName(rewritten ?? properties);
    message.expirationMs = expirationMs;
    // Its dead letters go by them too.
    if (blindKeys.length > 0) message.address = { ...target.address, trail: { died: false, blindKeys } };
    if (kept !== properties) message.replaceHeader(encodeHeader(kept, message.bodyBytes));
    const keys = [target.address.routingKey, ...copies];
    return route(
      this.virtualHost,
      (target.flow as PublishFlow).exchange,
      new RoutedMessage(message, keys, kept),
    );
  }

  private withReplyName(properties: Properties): Properties {
    if (properties.replyTo !== REPLY_QUEUE) return properties;
    const { replyName } = this.channel;
    if (replyName === undefined) throw new ProtocolError(406, 'fast reply consumer does not exist');
    return { ...properties, replyTo: replyName };
  }
}
