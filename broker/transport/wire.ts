/** What a channel and its parts need of their connection. */
import type { ContentSpace } from '../protocol/content-space.js';
import type { FrameWriter } from '../protocol/frame-writer.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { Credit } from '../store/message.js';
import type { ConsumerTimeouts } from './consumer-timeouts.js';
import type { DirectReplies } from './direct-replies.js';
import type { Identity } from './gate.js';
import type { ClientCapabilities } from './handshake.js';
import type { Endpoint } from './socket-facts.js';

export interface Wire {
  /** What listings call the connection. */
  readonly name: string;
  readonly peer: Endpoint;
  readonly virtualHost: VirtualHost;
  readonly writer: FrameWriter;
  readonly space: ContentSpace;
  readonly identity: Identity;
  readonly capabilities: ClientCapabilities;
  readonly directReplies: DirectReplies;
  /** What is published here may be under way to the disk. */
  readonly credit: Credit;
  readonly consumerTimeouts: ConsumerTimeouts;
  readonly frameBytesMax: number;
  readonly messageBytesMax: number;
  /** Of one channel. */
  readonly consumersMax: number;
  /** Something is published, for the first time since the topology changed or there is an alarm. */
  published(): void;
  /** Whether the peer reads fast enough to be sent deliveries; if not, it is resumed when it does. */
  canDeliver(): boolean;
  /** Asks whether the user may open one more channel. @throws ProtocolError 530 */
  admitChannel(): void;
  /** A channel came or went. */
  channelChanged(what: 'created' | 'closed', channel: number): void;
  /** Something was written: it goes out at the end of this turn. */
  schedule(): void;
  /** Nothing more goes out until what was asked of the store so far is on disk. */
  holdUntilWritten(): void;
  /** A channel has confirms to report at the end of this turn. */
  confirmsWaiting(channel: { reportConfirms(): void }): void;
}
