/** A connection with a socket: what is sent through it, counted, and what its listings say of it. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FrameWriter } from '../protocol/frame-writer.js';
import type { Limits } from './handshake.js';
import type { Host } from './host.js';
import { HostedWire } from './hosted-wire.js';
import { Output } from './output.js';
import { type Endpoint, SocketFacts, type TlsFacts } from './socket-facts.js';
import { certificateName } from './tls.js';

export abstract class SocketWire extends HostedWire {
  readonly writer: FrameWriter;
  readonly protocol = 'AMQP 0-9-1';
  protected readonly socket: Socket;
  protected readonly output: Output;
  protected limits: Limits;
  private readonly facts: SocketFacts;

  constructor(host: Host, socket: Socket) {
    super(host);
    this.socket = socket;
    this.output = new Output(socket, this.traffic);
    this.writer = this.output.writer;
    this.limits = host.limits;
    this.facts = new SocketFacts(socket);
  }

  get remoteAddress(): string {
    return this.socket.remoteAddress ?? '';
  }

  get certificateName(): string | undefined {
    const { socket, host } = this;
    return socket instanceof TLSSocket ? certificateName(socket, host.tls?.loginFrom) : undefined;
  }

  get name(): string {
    return this.facts.name;
  }

  get peer(): Endpoint {
    return this.facts.peer;
  }

  get local(): Endpoint {
    return this.facts.local;
  }

  get tls(): TlsFacts | undefined {
    return this.facts.tls;
  }

  get frameBytesMax(): number {
    return this.limits.frameBytesMax;
  }

  get channelsMax(): number {
    return this.limits.channelsMax;
  }

  get heartbeatSeconds(): number {
    return this.limits.heartbeatSeconds;
  }

  get sendPendingBytes(): number {
    return this.socket.writableLength;
  }

  drop(): void {
    this.socket.destroy();
  }

  protected hold(): void {
    this.output.hold();
  }

  protected release(): void {
    this.output.release();
  }
}
