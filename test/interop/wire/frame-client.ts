// A client that speaks AMQP frame by frame, and so can say what no well-behaved library would.
// It checks what it receives (frame ends, lengths, stray bytes) but answers nothing by itself except
// a close, and that only while `answersClose` is set.
import { connect, type Socket } from 'node:net';
import {
  contentFrames,
  decodeHeader,
  encodeFrame,
  frameBody,
  frameHeader,
  frameHeartbeat,
  frameMethod,
  type Properties,
} from './content.js';
import type { FieldTable } from './field-table.js';
import { decodeMethod, encodeMethod, type MethodArguments } from './method-table.js';

export const protocolHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

/** One thing the broker said: a method with its content, a heartbeat, a protocol header, or the socket's end. */
export interface Received {
  readonly channel: number;
  readonly name: string;
  readonly arguments: MethodArguments;
  properties?: Properties;
  body?: Buffer;
}

export interface OpenOptions {
  readonly user?: string;
  readonly password?: string;
  readonly virtualHost?: string;
  readonly frameMax?: number;
  readonly channelMax?: number;
  readonly heartbeatSeconds?: number;
  readonly capabilities?: FieldTable;
}

interface Waiter {
  readonly wanted: (received: Received) => boolean;
  readonly resolve: (received: Received) => void;
}

const defaultCapabilities: FieldTable = {
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  authentication_failure_close: true,
};

export class FrameClient {
  readonly socket: Socket;
  /** Everything received so far, in order. */
  readonly received: Received[] = [];
  readonly opened: OpenOptions;
  answersClose = true;
  frameMax = 131_072;
  ended = false;
  #input: Buffer = Buffer.alloc(0);
  #contents = new Map<number, { received: Received; bodySize: number; parts: Buffer[]; bytes: number }>();
  #waiters: Waiter[] = [];

  constructor(host: string, port: number, options: OpenOptions = {}) {
    this.opened = options;
    this.socket = connect({ host, port, allowHalfOpen: false });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.ended = true;
      this.#emit({ channel: 0, name: 'socket.closed', arguments: {} });
    });
  }

  /** Connects and goes through the whole handshake. Rejects when the broker refuses. */
  static async open(host: string, port: number, options: OpenOptions = {}): Promise<FrameClient> {
    const client = new FrameClient(host, port, options);
    client.sendBytes(protocolHeader);
    await client.next((received) => received.name === 'connection.start');
    client.startOk();
    const tune = await client.next((received) => received.name !== 'connection.start');
    if (tune.name !== 'connection.tune') throw new Error(`refused: ${JSON.stringify(tune)}`);
    client.tuneOk(tune);
    client.send(0, 'connection.open', { virtualHost: options.virtualHost ?? '/' });
    const open = await client.next((received) => received !== tune && received.name !== 'connection.start');
    if (open.name !== 'connection.open-ok') throw new Error(`refused: ${JSON.stringify(open)}`);
    return client;
  }

  startOk(): void {
    const { user = 'guest', password = 'guest', capabilities = defaultCapabilities } = this.opened;
    this.send(0, 'connection.start-ok', {
      clientProperties: { product: 'warren interop', capabilities },
      mechanism: 'PLAIN',
      response: `\0${user}\0${password}`,
      locale: 'en_US',
    });
  }

  tuneOk(tune: Received): void {
    this.frameMax = this.opened.frameMax ?? Number(tune.arguments['frameMax']);
    this.send(0, 'connection.tune-ok', {
      channelMax: this.opened.channelMax ?? tune.arguments['channelMax'] ?? 0,
      frameMax: this.frameMax,
      heartbeat: this.opened.heartbeatSeconds ?? 0,
    });
  }

  sendBytes(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  sendFrame(type: number, channel: number, payload: Buffer): void {
    this.sendBytes(encodeFrame(type, channel, payload));
  }

  send(channel: number, name: string, values: MethodArguments = {}): void {
    this.sendFrame(frameMethod, channel, encodeMethod(name, values));
  }

  publish(channel: number, values: MethodArguments, properties: Properties, body: Buffer): void {
    this.send(channel, 'basic.publish', values);
    this.sendBytes(contentFrames(channel, properties, body, this.frameMax));
  }

  /**
   * The first thing received at or after `from` (an index into `received`) that is wanted, or, when
   * nothing like it comes within `timeoutMs`, a made-up `timeout`.
   */
  async next(wanted: (received: Received) => boolean, from = 0, timeoutMs = 4_000): Promise<Received> {
    for (const received of this.received.slice(from)) if (wanted(received)) return received;
    return new Promise((resolve) => {
      const waiter = {
        wanted,
        resolve: (received: Received) => {
          clearTimeout(timer);
          resolve(received);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        resolve({ channel: 0, name: 'timeout', arguments: {} });
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  /** Sends a method and resolves with the next thing on its channel that answers it (or a close). */
  async call(channel: number, name: string, values: MethodArguments = {}): Promise<Received> {
    const from = this.received.length;
    this.send(channel, name, values);
    return this.next((received) => answers(name, channel, received), from);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #emit(received: Received): void {
    this.received.push(received);
    if (this.answersClose) {
      if (received.name === 'channel.close') this.send(received.channel, 'channel.close-ok');
      if (received.name === 'connection.close') this.send(0, 'connection.close-ok');
    }
    for (const waiter of [...this.#waiters]) {
      if (!waiter.wanted(received)) continue;
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve(received);
    }
  }

  #read(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    while (this.#input.length >= 8) {
      if (this.#input.subarray(0, 4).equals(protocolHeader.subarray(0, 4))) {
        this.#emit({
          channel: 0,
          name: 'protocol-header',
          arguments: { protocol: this.#input.subarray(4, 8).join('-') },
        });
        this.#input = this.#input.subarray(8);
        continue;
      }
      const size = this.#input.readUInt32BE(3);
      if (this.#input.length < size + 8) return;
      const payload = this.#input.subarray(7, 7 + size);
      if (this.#input[7 + size] !== 0xce) throw new RangeError('a frame does not end in 0xCE');
      if (size + 8 > this.frameMax) throw new RangeError(`a frame of ${size + 8} bytes is over the limit`);
      this.#frame(this.#input.readUInt8(0), this.#input.readUInt16BE(1), payload);
      this.#input = this.#input.subarray(size + 8);
    }
  }

  #frame(type: number, channel: number, payload: Buffer): void {
    if (type === frameHeartbeat) {
      this.#emit({ channel, name: 'heartbeat', arguments: {} });
      return;
    }
    const content = this.#contents.get(channel);
    if (type === frameMethod) {
      if (content) throw new RangeError(`${content.received.name} is interrupted by another method`);
      const received: Received = { channel, ...decodeMethod(payload) };
      if (/^basic\.(deliver|return|get-ok)$/.test(received.name)) {
        this.#contents.set(channel, { received, bodySize: -1, parts: [], bytes: 0 });
      } else this.#emit(received);
      return;
    }
    if (!content) throw new RangeError('a content frame comes without its method');
    if (type === frameHeader) {
      const header = decodeHeader(payload);
      content.received.properties = header.properties;
      content.bodySize = header.bodySize;
    } else if (type === frameBody) {
      content.parts.push(payload);
      content.bytes += payload.length;
    } else throw new RangeError(`the frame type ${type} is unknown`);
    if (content.bytes < content.bodySize) return;
    this.#contents.delete(channel);
    content.received.body = Buffer.concat(content.parts);
    this.#emit(content.received);
  }
}

/** Whether `received` is the answer to the method `name` sent on `channel`, or the end of it. */
export function answers(name: string, channel: number, received: Received): boolean {
  if (received.name === 'socket.closed' || received.name === 'connection.close') return true;
  if (received.channel !== channel) return false;
  if (received.name === 'channel.close') return true;
  if (name === 'basic.get' && received.name === 'basic.get-empty') return true;
  return received.name === `${name}-ok`;
}
