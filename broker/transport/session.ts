/**
 * An open connection's channels: which there are, what becomes of their frames, and what closes them.
 * A channel error is answered with channel.close, and the channel's frames are then left unread until
 * the peer's close-ok.
 */
import { FRAME_METHOD } from '../protocol/constants.js';
import { decodeMethod } from '../protocol/method-codec.js';
import { blame, ProtocolError } from '../protocol/protocol-error.js';
import { WireReader } from '../protocol/wire-reader.js';
import { Channel } from './channel.js';
import type { TimedSession } from './consumer-timeouts.js';
import type { Wire } from './wire.js';

const CHANNEL_OPEN = (20 << 16) | 10;
const CHANNEL_CLOSE = (20 << 16) | 40;
const CHANNEL_CLOSE_OK = (20 << 16) | 41;

export class Session implements TimedSession {
  private readonly wire: Wire;
  private readonly channelsMax: number;
  /** A closing channel is kept as null until the peer's close-ok. */
  private readonly channels = new Map<number, Channel | null>();
  private lastChannel: Channel | undefined;

  constructor(wire: Wire, channelsMax: number) {
    this.wire = wire;
    this.channelsMax = channelsMax;
    wire.consumerTimeouts.add(this);
  }

  /** Those that are open, which one that waits for the peer's close-ok is not. */
  *openChannels(): IterableIterator<Channel> {
    for (const channel of this.channels.values()) if (channel !== null) yield channel;
  }

  get channelCount(): number {
    let count = 0;
    for (const channel of this.channels.values()) if (channel !== null) count++;
    return count;
  }

  /** Closes the channels whose consumers leave deliveries unacked for too long. */
  checkTimeouts(now: number): void {
    for (const channel of this.channels.values()) {
      if (channel === null) continue;
      try {
        channel.consuming.checkTimeouts(now);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        channel.classId = channel.methodId = 0;
        this.failed(channel, error);
      }
    }
  }

  /** Takes a frame of a channel. @throws ProtocolError for what closes the connection */
  frame(type: number, number: number, buffer: Buffer, start: number, end: number): void {
    let channel = this.lastChannel;
    if (channel === undefined || channel.number !== number) {
      const found = this.channels.get(number);
      if (found === undefined || found === null) {
        this.frameWithoutChannel(type, number, found === null, buffer, start, end);
        return;
      }
      channel = found;
      this.lastChannel = found;
    }
    try {
      const method = type === FRAME_METHOD && end - start >= 4 ? buffer.readUInt32BE(start) : 0;
      if (method === CHANNEL_CLOSE && !channel.busy) {
        this.closedByPeer(channel);
      } else {
        channel.frame(type, buffer, start, end);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.failed(channel, error);
    }
  }

  private frameWithoutChannel(
    type: number,
    number: number,
    closing: boolean,
    buffer: Buffer,
    start: number,
    end: number,
  ): void {
    const method = type === FRAME_METHOD && end - start >= 4 ? buffer.readUInt32BE(start) : 0;
    if (closing) {
      this.frameWhileClosing(method, number);
      return;
    }
    if (method !== CHANNEL_OPEN) throw outOfOrder(method, "expected 'channel.open'");
    if (this.channels.size >= this.channelsMax) {
      const max = this.channelsMax;
      throw new ProtocolError(
        530,
        `number of channels opened (${max}) has reached the negotiated channel_max (${max})`,
      );
    }
    decodeMethod(new WireReader(buffer, start, end));
    this.wire.admitChannel();
    this.channels.set(number, new Channel(this.wire, number));
    this.wire.channelChanged('created', number);
    this.wire.writer.method(number, 'channel.open-ok', { channelId: Buffer.alloc(0) });
    this.wire.schedule();
  }

  /** Only the peer's close-ok ends the closing, even if its own close has crossed ours. */
  private frameWhileClosing(method: number, number: number): void {
    if (method === CHANNEL_OPEN) throw outOfOrder(method, "second 'channel.open' seen");
    if (method === CHANNEL_CLOSE_OK) this.channels.delete(number);
    if (method !== CHANNEL_CLOSE) return;
    this.wire.writer.method(number, 'channel.close-ok', {});
    this.wire.schedule();
  }

  private closedByPeer(channel: Channel): void {
    this.drop(channel);
    this.channels.delete(channel.number);
    this.end(channel);
    this.wire.writer.method(channel.number, 'channel.close-ok', {});
    this.wire.schedule();
  }

  private failed(channel: Channel, error: ProtocolError): void {
    blame(error, channel.classId, channel.methodId);
    if (error.scope === 'connection') throw error;
    this.drop(channel);
    this.channels.set(channel.number, null);
    channel.reportConfirms();
    this.end(channel);
    this.wire.writer.method(channel.number, 'channel.close', {
      replyCode: error.replyCode,
      replyText: error.message,
      classId: error.classId,
      methodId: error.methodId,
    });
    this.wire.schedule();
  }

  private end(channel: Channel): void {
    channel.close();
    this.wire.channelChanged('closed', channel.number);
  }

  private drop(channel: Channel): void {
    if (this.lastChannel === channel) this.lastChannel = undefined;
  }

  /** Whether no channel has anything under way. */
  get settled(): boolean {
    for (const channel of this.channels.values()) if (channel !== null && !channel.settled) return false;
    return true;
  }

  /** The broker is about to stop: consumers get nothing any more. */
  drain(): void {
    for (const channel of this.channels.values()) channel?.consuming.cancelAll();
  }

  /** The peer reads again. */
  resume(): void {
    for (const channel of this.channels.values()) channel?.consuming.resume();
  }

  /** The connection is gone: so are its channels, and the queues that were its own. */
  close(): void {
    this.lastChannel = undefined;
    this.wire.consumerTimeouts.remove(this);
    const channels = [...this.channels.values()];
    this.channels.clear();
    for (const channel of channels) if (channel !== null) this.end(channel);
    this.wire.virtualHost.removeExclusive(this.wire);
  }
}

function outOfOrder(method: number, text: string): ProtocolError {
  const error = new ProtocolError(504, text);
  blame(error, method >>> 16, method & 0xffff);
  return error;
}
