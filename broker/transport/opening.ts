/**
 * Carries the opening handshake of a connection through: start, log-in, tune, open. What to say is in
 * handshake.ts; who may log in is the gate's.
 */
import { EMPTY_TABLE, type FieldTable } from '../protocol/field-table.js';
import type { FrameWriter } from '../protocol/frame-writer.js';
import type { Method, MethodArguments } from '../protocol/method-codec.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import { type Identity, NOBODY, type Peer } from './gate.js';
import {
  type ClientCapabilities,
  clientCapabilities,
  type Limits,
  negotiate,
  SERVER_PROPERTIES,
} from './handshake.js';
import type { Host } from './host.js';
import { admitConnection } from './quotas.js';

/** The connection that is being opened. */
export interface OpeningEnds extends Peer {
  readonly writer: FrameWriter;
  schedule(): void;
  authenticated(identity: Identity, capabilities: ClientCapabilities): void;
  tuned(limits: Limits): void;
  opened(virtualHost: VirtualHost): void;
  /** Closes with a reply. */
  fail(error: ProtocolError): void;
  /** Closes without a word. */
  drop(): void;
}

type Step = 'start' | 'authenticating' | 'tune' | 'open' | 'done';

/** What RabbitMQ calls the steps. */
const STATE_NAMES: Readonly<Record<Step, string>> = {
  start: 'starting',
  authenticating: 'securing',
  tune: 'tuning',
  open: 'opening',
  done: 'running',
};

/** The error for a method on channel 0 that has no business there now. */
export function unexpectedMethod(state: string): ProtocolError {
  return new ProtocolError(504, `unexpected method in connection state ${state}`);
}

export class Opening {
  private readonly ends: OpeningEnds;
  private readonly host: Host;
  private step: Step = 'start';
  private identity: Identity = NOBODY;

  constructor(ends: OpeningEnds, host: Host) {
    this.ends = ends;
    this.host = host;
  }

  /** What the client said of itself, and how it logged in. */
  clientProperties: FieldTable = EMPTY_TABLE;
  mechanism = '';

  /** Whether the peer has answered anything yet: to one that has not there is nothing to explain. */
  get answered(): boolean {
    return this.step !== 'start';
  }

  /** Sends connection.start. */
  start(): void {
    this.ends.writer.method(0, 'connection.start', {
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: SERVER_PROPERTIES,
      mechanisms: Buffer.from(this.host.gate.mechanisms(this.ends).join(' ')),
      locales: Buffer.from('en_US'),
    });
    this.ends.schedule();
  }

  /** @throws ProtocolError 504 for a method out of turn, 530 for what cannot be agreed on */
  method(method: Method): void {
    if (method.name === 'connection.start-ok' && this.step === 'start') this.authenticate(method.args);
    else if (method.name === 'connection.tune-ok' && this.step === 'tune') this.tuned(method.args);
    else if (method.name === 'connection.open' && this.step === 'open') this.open(method.args.virtualHost);
    else throw unexpectedMethod(STATE_NAMES[this.step]);
  }

  private authenticate(args: MethodArguments<'connection.start-ok'>): void {
    this.step = 'authenticating';
    const { mechanism } = args;
    this.mechanism = mechanism;
    this.clientProperties = args.clientProperties;
    const capabilities = clientCapabilities(args.clientProperties);
    const { gate, log } = this.host;
    gate.authenticate(mechanism, args.response, this.ends).then(
      (identity) => {
        if (identity === undefined) this.refuse(mechanism, capabilities);
        else this.tune(identity, capabilities);
      },
      (error: unknown) => {
        log?.error({ err: error }, 'A log-in failed by a fault of the broker');
        this.ends.drop();
      },
    );
  }

  private refuse(mechanism: string, capabilities: ClientCapabilities): void {
    if (!capabilities.authenticationFailureClose) {
      this.ends.drop();
      return;
    }
    const text = `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
    this.ends.fail(new ProtocolError(403, text, 'connection'));
  }

  private tune(identity: Identity, capabilities: ClientCapabilities): void {
    this.step = 'tune';
    this.identity = identity;
    this.ends.authenticated(identity, capabilities);
    const { channelsMax, frameBytesMax, heartbeatSeconds } = this.host.limits;
    this.ends.writer.method(0, 'connection.tune', {
      channelMax: channelsMax,
      frameMax: frameBytesMax,
      heartbeat: heartbeatSeconds,
    });
    this.ends.schedule();
  }

  private tuned(args: MethodArguments<'connection.tune-ok'>): void {
    this.ends.tuned(negotiate(this.host.limits, args));
    this.step = 'open';
  }

  private open(name: string): void {
    const virtualHost = this.host.virtualHosts.get(name);
    if (virtualHost === undefined) throw new ProtocolError(530, `vhost ${name} not found`);
    const { user } = this.identity;
    admitConnection(this.host, user, virtualHost);
    if (!this.identity.mayEnter(name)) {
      throw new ProtocolError(530, `access to vhost '${name}' refused for user '${user}'`);
    }
    this.step = 'done';
    this.ends.opened(virtualHost);
    this.ends.writer.method(0, 'connection.open-ok', { knownHosts: '' });
    this.ends.schedule();
  }
}
