/** What the connections of a broker share. */
import type { Logger } from 'pino';
import type { ContentSpace } from '../protocol/content-space.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { DirectReplies } from './direct-replies.js';
import type { Gate } from './gate.js';
import type { Limits } from './handshake.js';
import type { Turn } from './turn.js';

export interface Host {
  readonly virtualHost: VirtualHost;
  readonly gate: Gate;
  readonly limits: Limits;
  readonly messageBytesMax: number;
  readonly handshakeMs: number;
  readonly space: ContentSpace;
  readonly directReplies: DirectReplies;
  readonly turn: Turn;
  readonly log: Logger | undefined;
}
