/**
 * A connection: its socket, how far it is from its opening to its end, and the one place where a
 * peer's mistake becomes a close frame. The methods of channel 0 are in connection-methods.ts.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { FRAME_HEARTBEAT, FRAME_METHOD, PROTOCOL_HEADER } from '../protocol/constants.js';
import type { FieldTable } from '../protocol/field-table.js';
import { describe, FrameReader, type FrameSink } from '../protocol/frame-reader.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import { BackPressure, type PressedEnds } from './back-pressure.js';
import {
  type ConnectionEnds,
  type ConnectionKeeper,
  type ConnectionState,
  takeConnectionMethod,
} from './connection-methods.js';
import type { ListedState } from './connection-registry.js';
import { closeFor } from './fault.js';
import type { Identity } from './gate.js';
import type { ClientCapabilities, Limits } from './handshake.js';
import { Heartbeat } from './heartbeat.js';
import type { Host } from './host.js';
import { Opening, type OpeningEnds } from './opening.js';
import { ProtocolHeader } from './protocol-header.js';
import { Session } from './session.js';
import { SocketWire } from './socket-wire.js';

/** Before the limits are negotiated. */
const FIRST_FRAME_BYTES_MAX = 8192;
/** How long a peer has for its close-ok. */
const CLOSE_MS = 2000;

export class Connection extends SocketWire implements FrameSink, OpeningEnds, ConnectionEnds {
  private readonly reader = new FrameReader(FIRST_FRAME_BYTES_MAX);
  private readonly keeper: ConnectionKeeper;
  state: ConnectionState = 'header';
  private readonly header = new ProtocolHeader();
  readonly opening: Opening;
  protected session: Session | undefined;
  private heartbeat: Heartbeat | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private received = false;
  /** Whether nothing has come since it was last asked. */
  private quiet = false;
  private readonly pressure: BackPressure;

  constructor(host: Host, socket: Socket, keeper: ConnectionKeeper) {
    super(host, socket);
    this.keeper = keeper;
    this.opening = new Opening(this, host);
    this.pressure = new BackPressure(this.pressedEnds());
    this.credit.onGiven = () => this.pressure.resume();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('drain', () => this.drained());
    for (const end of ['error', 'end']) socket.on(end, () => socket.destroy());
    socket.on('close', () => this.gone());
  }

  private pressedEnds(): PressedEnds {
    const { host, socket, output, writer } = this;
    const tell = (write: () => void): void => {
      write();
      this.schedule();
    };
    return {
      alarms: host.alarms,
      diskBehind: () => this.credit.exhausted,
      stalled: () => output.stalled,
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      canBeTold: () => this.state === 'running' && this.capabilities.connectionBlocked,
      tellBlocked: (reason) => tell(() => writer.method(0, 'connection.blocked', { reason })),
      tellUnblocked: () => tell(() => writer.method(0, 'connection.unblocked', {})),
    };
  }

  canDeliver(): boolean {
    return this.state === 'running' && !this.host.draining && this.output.canDeliver();
  }

  /** Says to those who consume that nothing is delivered any more; what is under way may be finished. */
  drain(): void {
    this.session?.drain();
  }

  /** Whether nothing is under way in either direction, and nothing has come since this was last asked. */
  takeQuiet(): boolean {
    const quiet = this.quiet && (!this.pressure.paused || this.host.alarms.any);
    this.quiet = true;
    if (this.session === undefined) return !this.over;
    return quiet && this.output.unsentBytes === 0 && this.session.settled;
  }

  get clientProperties(): FieldTable {
    return this.opening.clientProperties;
  }

  get mechanism(): string {
    return this.opening.mechanism;
  }

  get listedState(): ListedState {
    return this.running ? this.pressure.listedState : 'closing';
  }

  /** Whether its end has begun. */
  private get over(): boolean {
    return this.state === 'closing' || this.state === 'finishing' || this.state === 'closed';
  }

  protected get running(): boolean {
    return this.state === 'running';
  }

  protected transmit(): void {
    this.output.flush();
    if (this.state !== 'closed') this.drained();
    else if (!this.output.holding) this.socket.end();
  }

  private drained(): void {
    try {
      if (this.output.recovered) {
        this.output.starved = false;
        this.session?.resume();
      }
    } catch (error) {
      this.fail(closeFor(error, this.host.log));
    }
    this.pressure.resume();
  }

  private read(chunk: Buffer): void {
    this.received = true;
    this.quiet = false;
    if (this.state === 'closed') return;
    this.traffic.received(chunk.length);
    try {
      const rest = this.state === 'header' ? this.readHeader(chunk) : chunk;
      if (rest !== undefined) this.reader.push(rest, this);
    } catch (error) {
      this.fail(closeFor(error, this.host.log));
    }
    if (this.state === 'finishing') this.hangUp();
    this.pressure.afterRead(chunk.length);
  }

  published(): void {
    this.pressure.published();
  }

  alarmsChanged(): void {
    this.pressure.alarmsChanged();
  }

  private readHeader(chunk: Buffer): Buffer | undefined {
    const rest = this.header.push(chunk);
    if (rest === 'wrong') {
      this.state = 'closed';
      this.socket.end(PROTOCOL_HEADER);
      return undefined;
    }
    if (rest !== undefined) {
      this.state = 'opening';
      this.opening.start();
    }
    return rest;
  }

  frame(type: number, channel: number, buffer: Buffer, start: number, end: number): void {
    if (this.state === 'closed') return;
    if (type === FRAME_HEARTBEAT && channel === 0) return;
    if (type === FRAME_HEARTBEAT || (channel === 0 && type !== FRAME_METHOD)) {
      throw new ProtocolError(505, describe(type, buffer, start, end));
    }
    if (channel === 0) {
      takeConnectionMethod(this, buffer, start, end);
    } else if (this.state === 'running') {
      (this.session as Session).frame(type, channel, buffer, start, end);
    } else if (this.state === 'opening') {
      throw new ProtocolError(505, 'expected a method of the connection');
    }
  }

  authenticated(identity: Identity, capabilities: ClientCapabilities): void {
    this.credential.take(identity);
    this.capabilities = capabilities;
  }

  renew(secret: Buffer): void {
    this.credential.renew(secret).then(
      () => {
        if (!this.running) return;
        // What was allowed by the old secret is asked of the new one.
        this.virtualHost.version++;
        this.writer.method(0, 'connection.update-secret-ok', {});
        this.schedule();
      },
      (error: unknown) => this.fail(closeFor(error, this.host.log)),
    );
  }

  tuned(limits: Limits): void {
    this.limits = limits;
    this.reader.frameBytesMax = limits.frameBytesMax;
    if (limits.heartbeatSeconds > 0) this.startHeartbeat(limits.heartbeatSeconds);
  }

  private startHeartbeat(seconds: number): void {
    this.heartbeat = new Heartbeat(seconds, {
      sent: () => this.output.takeActivity(),
      received: () => {
        const received = this.received || this.pressure.paused;
        this.received = false;
        return received;
      },
      send: () => {
        this.writer.heartbeat();
        this.schedule();
      },
      missed: () => {
        const { remoteAddress } = this.socket;
        this.host.log?.warn({ remoteAddress }, 'A connection missed its heartbeats');
        this.socket.destroy();
      },
    });
  }

  opened(virtualHost: VirtualHost): void {
    this.virtualHost = virtualHost;
    this.keeper.opened();
    this.state = 'running';
    this.session = new Session(this, this.limits.channelsMax);
    this.tell('created', this.remoteAddress, this.socket instanceof TLSSocket);
  }

  /** Answers a mistake with connection.close; the peer's close-ok ends it. */
  fail(error: ProtocolError): void {
    this.disconnect(error);
  }

  /** Closes the connection from this side, as the broker stops or an operator wants it. */
  disconnect(error: ProtocolError): void {
    if (this.over) return;
    // To a peer that has answered nothing yet there is nothing to explain.
    if (this.state === 'header' || (this.state === 'opening' && !this.opening.answered)) {
      this.socket.destroy();
      return;
    }
    this.endSession();
    this.state = 'closing';
    this.writer.method(0, 'connection.close', {
      replyCode: error.replyCode,
      replyText: error.message,
      classId: error.classId,
      methodId: error.methodId,
    });
    this.output.flush();
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.socket.destroy(), CLOSE_MS).unref();
  }

  /** All is said: the socket goes once what has come with the peer's last words is read. */
  finish(): void {
    this.state = 'finishing';
    this.endSession();
  }

  /** The socket goes after the last frame, and that after what waits for the disk. */
  private hangUp(): void {
    this.state = 'closed';
    this.transmit();
    clearTimeout(this.deadline);
    // A peer that keeps its half open does not keep ours.
    this.deadline = setTimeout(() => this.socket.destroy(), CLOSE_MS).unref();
  }

  private endSession(): void {
    if (this.session === undefined) return;
    this.session.close();
    this.session = undefined;
    this.tell('closed', this.remoteAddress, this.socket instanceof TLSSocket);
  }

  private gone(): void {
    this.state = 'closed';
    clearTimeout(this.deadline);
    this.host.connections.connectionsClosed++;
    this.credential.stop();
    this.heartbeat?.stop();
    this.endSession();
    this.keeper.closed();
  }
}
