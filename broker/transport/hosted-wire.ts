/**
 * The part of a connection that is the same with a socket and without: what its channels share with the
 * rest of the broker, and when what they write is sent.
 */
import type { ContentSpace } from '../protocol/content-space.js';
import type { FieldTable } from '../protocol/field-table.js';
import type { FrameWriter } from '../protocol/frame-writer.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { Channel } from './channel.js';
import type { ListedConnection, ListedState } from './connection-registry.js';
import type { ConsumerTimeouts } from './consumer-timeouts.js';
import { Credential } from './credential.js';
import type { DirectReplies } from './direct-replies.js';
import type { ConnectionEvent } from './events.js';
import { FlushPace } from './flush-pace.js';
import type { Identity } from './gate.js';
import { type ClientCapabilities, clientCapabilities } from './handshake.js';
import type { Host } from './host.js';
import { PublishCredit } from './publish-credit.js';
import { admitChannel } from './quotas.js';
import type { Session } from './session.js';
import type { Endpoint, TlsFacts } from './socket-facts.js';
import { Traffic } from './traffic.js';
import type { Flushable } from './turn.js';
import type { Wire } from './wire.js';

export abstract class HostedWire implements Wire, Flushable, ListedConnection {
  readonly id: number;
  capabilities: ClientCapabilities = clientCapabilities(new Map());
  /** Set when the connection is opened, before it has any channel. */
  virtualHost!: VirtualHost;
  readonly space: ContentSpace;
  readonly directReplies: DirectReplies;
  readonly credit: PublishCredit;
  readonly consumerTimeouts: ConsumerTimeouts;
  readonly messageBytesMax: number;
  readonly consumersMax: number;
  abstract readonly writer: FrameWriter;
  abstract readonly frameBytesMax: number;
  protected readonly host: Host;
  protected readonly credential: Credential;
  readonly pace = new FlushPace();
  readonly traffic = new Traffic();
  readonly connectedAt = Date.now();
  abstract readonly name: string;
  abstract readonly protocol: ListedConnection['protocol'];
  abstract readonly peer: Endpoint;
  abstract readonly local: Endpoint;
  abstract readonly tls: TlsFacts | undefined;
  abstract readonly listedState: ListedState;
  abstract readonly clientProperties: FieldTable;
  abstract readonly mechanism: string;
  abstract readonly channelsMax: number;
  abstract readonly heartbeatSeconds: number;
  abstract readonly sendPendingBytes: number;
  /** Set while the connection is open. */
  protected abstract readonly session: Session | undefined;
  private scheduled = false;
  private confirming: { reportConfirms(): void }[] = [];

  constructor(host: Host) {
    this.host = host;
    this.credential = new Credential(host.gate, () => this.expired());
    this.id = host.nextConnectionId();
    this.space = host.space;
    this.directReplies = host.directReplies;
    this.credit = new PublishCredit(host.store);
    this.consumerTimeouts = host.consumerTimeouts;
    this.messageBytesMax = host.messageBytesMax;
    this.consumersMax = host.consumersMax;
  }

  /** Who has logged in; nobody before that. */
  get identity(): Identity {
    return this.credential.identity;
  }

  get user(): string {
    return this.identity.user;
  }

  get openChannels(): IterableIterator<Channel> {
    return this.session?.openChannels() ?? [].values();
  }

  get channelCount(): number {
    return this.session?.channelCount ?? 0;
  }

  get unsentBytes(): number {
    return this.writer.length;
  }

  abstract canDeliver(): boolean;

  /** Closes it from this side, as the broker stops or an operator wants it. */
  abstract disconnect(reason: ProtocolError): void;

  private expired(): void {
    this.disconnect(new ProtocolError(320, 'the credentials have expired'));
  }

  abstract published(): void;

  /** Whether channels may still be written for. */
  protected abstract get running(): boolean;

  protected abstract hold(): void;

  protected abstract release(): void;

  /** Sends what has been written, unless it is held. */
  protected abstract transmit(): void;

  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.host.turn.add(this);
  }

  holdUntilWritten(): void {
    this.hold();
    this.host.store.whenWritten(() => {
      this.release();
      this.schedule();
    });
  }

  confirmsWaiting(channel: { reportConfirms(): void }): void {
    this.confirming.push(channel);
    this.schedule();
  }

  flush(): void {
    this.scheduled = false;
    if (this.confirming.length > 0) {
      const { confirming } = this;
      this.confirming = [];
      if (this.running) for (const channel of confirming) channel.reportConfirms();
    }
    this.transmit();
  }

  admitChannel(): void {
    admitChannel(this.host, this.user);
  }

  channelChanged(what: 'created' | 'closed', channel: number): void {
    const { connections } = this.host;
    if (what === 'created') connections.channelsCreated++;
    else connections.channelsClosed++;
    this.host.events.tell(`channel.${what}`, { connection: this.id, channel });
  }

  /** The connection is listed, or is not any more, and the embedder told. */
  protected tell(what: 'created' | 'closed', remoteAddress: string, tls: boolean): void {
    const { connections } = this.host;
    if (what === 'created') {
      connections.add(this);
      this.traffic.openedIn(this.virtualHost, this);
    } else {
      connections.remove(this);
    }
    const event: ConnectionEvent = { connection: this.id, user: this.user, remoteAddress, tls };
    this.host.events.tell(`connection.${what}`, event);
  }
}
