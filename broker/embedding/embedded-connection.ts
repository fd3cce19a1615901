/**
 * A connection without a socket: a program that embeds the broker is a client of it, frame by frame, in
 * memory. From the session on it is the code that serves sockets, so that nothing behaves otherwise.
 *
 *     EmbeddedChannel ── frames ──► Session ── Channel …
 *                     ◄─ frames ── FrameWriter
 */
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD } from '../protocol/constants.js';
import { HEADER_FIXED_BYTES } from '../protocol/content-assembler.js';
import { EMPTY_TABLE } from '../protocol/field-table.js';
import { FrameReader, type FrameSink } from '../protocol/frame-reader.js';
import { FrameWriter } from '../protocol/frame-writer.js';
import { decodeMethod, encodeMethod, type Method, type MethodArguments } from '../protocol/method-codec.js';
import type { MethodName } from '../protocol/method-table.js';
import { readProperties } from '../protocol/properties.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { WireReader } from '../protocol/wire-reader.js';
import { WireWriter } from '../protocol/wire-writer.js';
import { encodeHeader } from '../queue/dead-letter.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { ListedState } from '../transport/connection-registry.js';
import type { Identity } from '../transport/gate.js';
import type { Host } from '../transport/host.js';
import { HostedWire } from '../transport/hosted-wire.js';
import { Session } from '../transport/session.js';
import { EmbeddedChannel } from './embedded-channel.js';
import { EmbeddedError } from './embedded-error.js';
import { type MessageProperties, type ReceivedContent, toProperties } from './message.js';

/** There is no peer to negotiate with: a body is one frame. */
const FRAME_BYTES_MAX = 0xffff_ffff;
const CHANNELS_MAX = 65_535;
const NOWHERE = { address: '', port: 0 };
const CAPABILITIES = {
  consumerCancelNotify: true,
  authenticationFailureClose: true,
  connectionBlocked: true,
};
/** With so much not handed to the program yet, nothing more is delivered. */
const UNREAD_BYTES_MAX = 512 * 1024;

const CARRIES_CONTENT: ReadonlySet<MethodName> = new Set(['basic.deliver', 'basic.get-ok', 'basic.return']);

/** Counts basic.return, so that a publish knows whether it is its own that came back. */
class CountingWriter extends FrameWriter {
  returns = 0;

  override method<Name extends MethodName>(channel: number, name: Name, args: MethodArguments<Name>): void {
    if (name === 'basic.return') this.returns++;
    super.method(channel, name, args);
  }
}

/** A method whose content has not come in full. */
interface Pending {
  readonly channel: number;
  readonly method: Method;
  content?: ReceivedContent;
}

export class EmbeddedConnection extends HostedWire implements FrameSink {
  readonly writer = new CountingWriter();
  readonly frameBytesMax = FRAME_BYTES_MAX;
  readonly name = `<embedded.${this.id}>`;
  readonly protocol = 'Direct 0-9-1';
  readonly peer = NOWHERE;
  readonly local = NOWHERE;
  readonly tls = undefined;
  readonly clientProperties = EMPTY_TABLE;
  readonly mechanism = '';
  readonly channelsMax = CHANNELS_MAX;
  readonly heartbeatSeconds = 0;
  readonly sendPendingBytes = 0;
  protected readonly session: Session;
  private readonly reader = new FrameReader(FRAME_BYTES_MAX);
  private readonly channels = new Map<number, EmbeddedChannel>();
  private readonly onClosed: (connection: EmbeddedConnection) => void;
  private readonly scratch = new WireWriter();
  private waiters: (() => void)[] = [];
  private pending: Pending | undefined;
  private held = 0;
  private starved = false;
  private closed = false;

  constructor(
    host: Host,
    identity: Identity,
    virtualHost: VirtualHost,
    onClosed: (connection: EmbeddedConnection) => void,
  ) {
    super(host);
    this.credential.take(identity);
    this.virtualHost = virtualHost;
    this.capabilities = CAPABILITIES;
    this.onClosed = onClosed;
    this.session = new Session(this, CHANNELS_MAX);
    this.credit.onGiven = () => this.resumeReading();
    this.tell('created', '', false);
  }

  /** Opens a channel; publishes on it are confirmed, or belong to transactions where that is asked for. */
  async openChannel({ transactional = false } = {}): Promise<EmbeddedChannel> {
    if (this.closed) throw new EmbeddedError(320, 'CONNECTION_FORCED - the connection is closed');
    let number = 1;
    while (this.channels.has(number)) number++;
    const channel = new EmbeddedChannel(this, number, () => this.channels.delete(number));
    this.channels.set(number, channel);
    await channel.open(transactional);
    return channel;
  }

  /** Ends the connection: its exclusive queues are gone, what was unacked goes back. */
  close(reason = new EmbeddedError(200, 'the connection was closed')): void {
    if (this.closed) return;
    this.closed = true;
    this.session.close();
    this.credential.stop();
    for (const channel of [...this.channels.values()]) channel.ended(reason);
    this.channels.clear();
    this.resumeReading();
    this.host.connections.connectionsClosed++;
    this.tell('closed', '', false);
    this.onClosed(this);
  }

  /** Ends it as the broker wants it, or by a mistake of the program's. */
  disconnect(reason: ProtocolError): void {
    this.close(EmbeddedError.from(reason));
  }

  /** Sends a method to the broker. */
  send<Name extends MethodName>(channel: number, name: Name, args: MethodArguments<Name>): void {
    const { scratch } = this;
    scratch.length = 0;
    encodeMethod(scratch, name, args);
    this.deliverFrame(channel, FRAME_METHOD, scratch.copy());
  }

  /** Sends a message to the broker; true when it came back for want of a queue. */
  publish(
    channel: number,
    publish: MethodArguments<'basic.publish'>,
    properties: MessageProperties,
    body: Buffer,
  ): boolean {
    const { returns } = this.writer;
    // What cannot be encoded throws before the broker has had a part of it.
    const header = encodeHeader(toProperties(properties), body.length);
    this.send(channel, 'basic.publish', publish);
    this.deliverFrame(channel, FRAME_HEADER, header);
    if (body.length > 0) this.deliverFrame(channel, FRAME_BODY, body);
    return this.writer.returns > returns;
  }

  private deliverFrame(channel: number, type: number, payload: Buffer): void {
    if (this.closed) return;
    this.traffic.changed();
    try {
      this.session.frame(type, channel, payload, 0, payload.length);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.disconnect(error);
    }
  }

  /** Resolves when publishers need not wait (there is no alarm, the disk keeps up), or when `ended` does. */
  async room(ended: Promise<void>): Promise<void> {
    if (!this.mustWait() && this.waiters.length === 0) return;
    await Promise.race([ended, new Promise<void>((resolve) => this.waiters.push(resolve))]);
  }

  get listedState(): ListedState {
    if (this.closed) return 'closing';
    if (this.host.alarms.any) return this.waiters.length > 0 ? 'blocked' : 'blocking';
    return this.credit.exhausted ? 'flow' : 'running';
  }

  private mustWait(): boolean {
    return !this.closed && (this.host.alarms.any || this.credit.exhausted);
  }

  /** There may be room again. */
  resumeReading(): void {
    if (this.mustWait()) return;
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  /** Tells the program's consumers that they get nothing any more. */
  drain(): void {
    this.session.drain();
  }

  /** Whether the program has nothing under way. */
  takeQuiet(): boolean {
    return this.writer.length === 0 && this.session.settled;
  }

  /** A program is made to wait by `room`, not by its connection. */
  published(): void {}

  canDeliver(): boolean {
    if (this.closed || this.host.draining) return false;
    if (this.writer.length < UNREAD_BYTES_MAX) return true;
    this.starved = true;
    return false;
  }

  protected get running(): boolean {
    return !this.closed;
  }

  protected hold(): void {
    this.held++;
  }

  protected release(): void {
    this.held--;
  }

  protected transmit(): void {
    const { writer } = this;
    if (this.held > 0 || writer.length === 0) return;
    this.traffic.changed();
    // What the program does on receiving writes to the same block.
    const bytes = writer.copy();
    writer.length = 0;
    this.reader.push(bytes, this);
    if (!this.starved) return;
    this.starved = false;
    this.session.resume();
  }

  frame(type: number, channel: number, buffer: Buffer, start: number, end: number): void {
    const reader = new WireReader(buffer, start, end);
    if (type === FRAME_METHOD) {
      const method = decodeMethod(reader);
      if (CARRIES_CONTENT.has(method.name)) {
        this.pending = { channel, method };
      } else {
        this.channels.get(channel)?.receive(method, undefined);
      }
      return;
    }
    const pending = this.pending as Pending;
    if (type === FRAME_HEADER) {
      const bodyBytes = buffer.readUInt32BE(start + 4) * 0x1_0000_0000 + buffer.readUInt32BE(start + 8);
      reader.position += HEADER_FIXED_BYTES;
      pending.content = { properties: readProperties(reader), body: Buffer.alloc(0) };
      if (bodyBytes > 0) return;
    } else {
      pending.content = { ...(pending.content as ReceivedContent), body: buffer.subarray(start, end) };
    }
    this.pending = undefined;
    this.channels.get(channel)?.receive(pending.method, pending.content);
  }
}
