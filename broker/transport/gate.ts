/** What the transport asks of access control. */

export interface Identity {
  readonly user: string;
}

/** Who knocks, as far as its socket tells. */
export interface Peer {
  readonly remoteAddress: string;
  /** The name in its certificate, where it came by TLS with one that was verified. */
  readonly certificateName: string | undefined;
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
}
