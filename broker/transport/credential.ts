/**
 * What a connection has shown to log in: who it is by it, until when, and what it is replaced by
 * (connection.update-secret). What has expired and has not been renewed ends its connection.
 */
import { methodIds } from '../protocol/method-codec.js';
import { blame, ProtocolError } from '../protocol/protocol-error.js';
import { type Gate, type Identity, NOBODY } from './gate.js';

/** Node's longest timer; what lasts longer is looked at again by then. */
const TIMER_MS_MAX = 2_147_483_647;

export class Credential {
  identity: Identity = NOBODY;
  private readonly gate: Gate;
  private readonly expired: () => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param expired called once when it holds no longer */
  constructor(gate: Gate, expired: () => void) {
    this.gate = gate;
    this.expired = expired;
  }

  take(identity: Identity): void {
    this.identity = identity;
    this.watch();
  }

  /** Takes a new secret for the same user. @throws ProtocolError 530 */
  async renew(secret: Buffer): Promise<void> {
    const renewed = await this.gate.renew(this.identity, secret);
    if (renewed !== undefined) {
      this.take(renewed);
      return;
    }
    const error = new ProtocolError(530, 'New secret was refused by one of the backends');
    blame(error, ...methodIds('connection.update-secret'));
    throw error;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private watch(): void {
    clearTimeout(this.timer);
    const { expiresAt } = this.identity;
    if (expiresAt === undefined) return;
    const leftMs = expiresAt - Date.now();
    this.timer = setTimeout(
      () => (leftMs > TIMER_MS_MAX ? this.watch() : this.expired()),
      Math.min(Math.max(leftMs, 0), TIMER_MS_MAX),
    ).unref();
  }
}
