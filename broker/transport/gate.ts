/** What the transport asks of access control: who is there, and what they may do. */

/** What may be asked for on an exchange or a queue. */
export type Permission = 'configure' | 'write' | 'read';

/**
 * Who has logged in, and what they may do. The answers may change while they are connected: whoever
 * changes them changes the `version` of the virtual host, and what was remembered by it is asked again.
 */
export interface Identity {
  readonly user: string;
  /** `administrator`, `monitoring`, `policymaker`, `management`, `impersonator`, and any of the operator's own. */
  readonly tags: readonly string[];
  /** When what they showed ceases to hold, in milliseconds since the epoch; undefined for never. */
  readonly expiresAt: number | undefined;
  /** Whether they may connect to a virtual host. */
  mayEnter(virtualHost: string): boolean;
  /** Whether they have a permission on an exchange or a queue. */
  may(permission: Permission, virtualHost: string, name: string): boolean;
  /** Whether a topic exchange lets them publish to, or bind by, a routing key. */
  mayRoute(permission: 'write' | 'read', virtualHost: string, exchange: string, routingKey: string): boolean;
}

/** Whoever has not logged in. */
export const NOBODY: Identity = {
  user: '',
  tags: [],
  expiresAt: undefined,
  mayEnter: () => false,
  may: () => false,
  mayRoute: () => false,
};

/** Who knocks, as far as its socket tells. */
export interface Peer {
  readonly remoteAddress: string;
  /** The name in its certificate, where it came by TLS with one that was verified. */
  readonly certificateName: string | undefined;
  /** Whether others may stand behind the socket, so that its address does not say whose machine it is. */
  readonly relayed?: boolean;
}

export interface Gate {
  /** The mechanisms a peer is offered, in order. */
  mechanisms(peer: Peer): readonly string[];
  /**
   * Checks who is there.
   *
   * @param response as the mechanism defines it
   * @returns undefined when refused
   */
  authenticate(mechanism: string, response: Buffer, peer: Peer): Promise<Identity | undefined>;
  /** What an operator allows a user at most; infinity where nobody has limited it. */
  userLimit(user: string, limit: 'max-connections' | 'max-channels'): number;
  /** Checks another secret of a user who has logged in; undefined when refused, or when it is another's. */
  renew(identity: Identity, secret: Buffer): Promise<Identity | undefined>;
}
