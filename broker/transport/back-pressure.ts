/**
 * When a connection is not read from: its peer takes too little of what it asked for, or publishes while
 * the disk is behind or there is an alarm, or has been read from so much in this turn of the event loop
 * that others should come first. TCP then makes the peer wait. During an alarm a publisher that
 * can be told is sent connection.blocked, once, and connection.unblocked after it.
 */
import type { Alarms } from './alarms.js';
import type { ListedState } from './connection-registry.js';

export interface PressedEnds {
  readonly alarms: Alarms;
  /** Whether so much of what it published waits to be written that it should wait. */
  diskBehind(): boolean;
  /** Whether so much is unsent to the peer that its requests should wait. */
  stalled(): boolean;
  pause(): void;
  resume(): void;
  /** Whether the peer can be sent connection.blocked. */
  canBeTold(): boolean;
  tellBlocked(reason: string): void;
  tellUnblocked(): void;
}

/** Read from one connection in one turn. */
const TURN_BYTES_MAX = 256 * 1024;

export class BackPressure {
  paused = false;
  private publishes = false;
  /** Whether it was made to wait by an alarm that is not over. */
  private blocked = false;
  private told = false;
  private turnBytes = 0;
  private readonly newTurn = (): void => {
    this.turnBytes = 0;
    this.resume();
  };
  private readonly ends: PressedEnds;

  constructor(ends: PressedEnds) {
    this.ends = ends;
  }

  /** The peer published for the first time, or the first time since there is an alarm. */
  published(): void {
    this.publishes = true;
  }

  /** What a listing says of it: an alarm first, which stops every publisher. */
  get listedState(): ListedState {
    const { ends } = this;
    if (this.blocked) return 'blocked';
    if (ends.alarms.any) return 'blocking';
    return this.publishes && ends.diskBehind() ? 'flow' : 'running';
  }

  private mustWait(): boolean {
    const { ends } = this;
    if (this.turnBytes >= TURN_BYTES_MAX || ends.stalled()) return true;
    return this.publishes && (ends.alarms.any || ends.diskBehind());
  }

  /** So much was read: whether to go on is decided now. */
  afterRead(bytes: number): void {
    if (this.turnBytes === 0) setImmediate(this.newTurn);
    this.turnBytes += bytes;
    if (!this.mustWait()) return;
    this.paused = true;
    const { ends } = this;
    ends.pause();
    if (!this.publishes || !ends.alarms.any) return;
    this.blocked = true;
    if (this.told || !ends.canBeTold()) return;
    this.told = true;
    ends.tellBlocked(ends.alarms.reason);
  }

  /** Goes on reading, if there is no reason left not to. */
  resume(): void {
    if (!this.paused || this.mustWait()) return;
    this.paused = false;
    this.ends.resume();
  }

  /**
   * There is an alarm or there is none any more. During one a connection is blocked by its next publish:
   * whoever only consumes is let alone, since that is what makes room.
   */
  alarmsChanged(): void {
    if (this.ends.alarms.any) {
      if (this.blocked) return;
      this.publishes = false;
      this.resume();
      return;
    }
    if (this.told && this.ends.canBeTold()) this.ends.tellUnblocked();
    this.blocked = false;
    this.told = false;
    this.resume();
  }
}
