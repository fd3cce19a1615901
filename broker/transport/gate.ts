/** What the transport asks of access control. */

export interface Identity {
  readonly user: string;
}

export interface Gate {
  /** Mechanisms in the order they are offered. */
  readonly mechanisms: readonly string[];
  /**
   * Checks who is there.
   *
   * @param response as the mechanism defines it
   * @param remoteAddress the peer's, as the socket gives it
   * @returns undefined when refused
   */
  authenticate(mechanism: string, response: Buffer, remoteAddress: string): Promise<Identity | undefined>;
}
