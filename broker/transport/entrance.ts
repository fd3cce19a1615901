/**
 * What becomes of a socket before anybody is known to be at its other end. It waits, unread, while too
 * many others are being opened or begin to be; it is turned away when too many wait; and it is cut when
 * it has not become an open connection in time, however it spends that time: waiting here, in a TLS
 * handshake, or saying one octet a second.
 *
 *     accepted ──► waiting ──► opening (TLS, log-in, tune, open) ──► open
 *                     └── turned away  └── cut by the deadline
 *
 * It waits rather than being sent away because clients that lost their broker all come back at once, and
 * would only come again. Each address has a line of its own and the lines take turns, so that whoever
 * floods the entrance stands in their own way.
 */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { originOf } from './peer-address.js';

export interface ConnectionLimits {
  /** Connections of the broker altogether; the next is turned away. */
  readonly connectionsMax: number;
  /** Connections that are being opened at a time; the others wait. */
  readonly unauthenticatedMax: number;
  /** Of these, those from one address, or from one network of 64 bits with IPv6. */
  readonly unauthenticatedPerAddressMax: number;
  /** Connections that wait, half of them from one address; the next is turned away. */
  readonly waitingMax: number;
  /** So many may begin to be opened in a second, and as many at once; the others wait. 0 for no limit. */
  readonly connectionsPerSecondMax: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  connectionsMax: 65_536,
  unauthenticatedMax: 1024,
  unauthenticatedPerAddressMax: 512,
  waitingMax: 4096,
  connectionsPerSecondMax: 1000,
};

/** How often at most it is logged that sockets are turned away. */
const TELL_MS = 1000;

/** A socket that is not an open connection yet. */
export class Visit {
  readonly socket: Socket;
  readonly owner: string;
  readonly deadline: NodeJS.Timeout;
  waiting = true;
  /** Whether a connection has taken charge of it, which is to tell its peer why it is closed. */
  taken = false;
  private readonly entrance: Entrance;

  constructor(entrance: Entrance, socket: Socket, owner: string, deadline: NodeJS.Timeout) {
    this.entrance = entrance;
    this.socket = socket;
    this.owner = owner;
    this.deadline = deadline;
  }

  /** The connection is open. */
  opened(): void {
    this.entrance.left(this);
  }
}

/** The sockets of one address that wait, with what is to be called when their turn has come. */
type Line = Map<Visit, (visit: Visit) => void>;

export class Entrance {
  private readonly limits: ConnectionLimits;
  private readonly handshakeMs: number;
  private readonly log: Logger | undefined;
  private readonly visits = new Set<Visit>();
  /** By owner, in the order in which they take turns. */
  private readonly lines = new Map<string, Line>();
  private readonly openingByOwner = new Map<string, number>();
  /** Those that count towards the most there may be: open connections, and what is not one yet. */
  sockets = 0;
  private waiting = 0;
  private opening = 0;
  private tokens = Number.POSITIVE_INFINITY;
  private filledAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private turnedAway = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(limits: ConnectionLimits, handshakeMs: number, log: Logger | undefined) {
    this.limits = limits;
    this.handshakeMs = handshakeMs;
    this.log = log;
  }

  /** Takes in a socket that is paused. `proceed` is called, at once or later, when its turn has come. */
  enter(socket: Socket, proceed: (visit: Visit) => void): void {
    const { remoteAddress = '' } = socket;
    const { connectionsMax, waitingMax } = this.limits;
    // What waits is not read, and may be reset meanwhile.
    socket.on('error', () => socket.destroy());
    if (this.sockets >= connectionsMax) {
      this.turnAway(socket, 'there are as many connections as there may be');
      return;
    }
    const deadline = setTimeout(() => {
      this.log?.warn({ remoteAddress }, 'A connection was not opened in time');
      socket.destroy();
    }, this.handshakeMs);
    const visit = new Visit(this, socket, originOf(remoteAddress), deadline.unref());
    this.sockets++;
    socket.on('close', () => {
      this.sockets--;
      this.left(visit);
    });
    const line = this.stand(visit, proceed);
    this.admit();
    if (!visit.waiting || (this.waiting <= waitingMax && line.size <= waitingMax / 2)) return;
    this.left(visit);
    this.turnAway(socket, 'too many connections wait to be opened');
  }

  /** Cuts what no connection has taken charge of. */
  stop(): void {
    for (const { socket, taken } of [...this.visits]) if (!taken) socket.destroy();
    clearTimeout(this.timer);
  }

  /** It is known who it is, or it is gone. */
  left(visit: Visit): void {
    if (!this.visits.delete(visit)) return;
    clearTimeout(visit.deadline);
    if (visit.waiting) {
      this.unstand(visit);
      return;
    }
    this.opening--;
    this.countOpening(visit.owner, -1);
    this.admit();
  }

  private stand(visit: Visit, proceed: (visit: Visit) => void): Line {
    const line: Line = this.lines.get(visit.owner) ?? new Map();
    this.lines.set(visit.owner, line);
    line.set(visit, proceed);
    this.visits.add(visit);
    this.waiting++;
    return line;
  }

  private unstand(visit: Visit): void {
    const line = this.lines.get(visit.owner);
    line?.delete(visit);
    if (line?.size === 0) this.lines.delete(visit.owner);
    this.waiting--;
  }

  private countOpening(owner: string, by: number): number {
    const count = (this.openingByOwner.get(owner) ?? 0) + by;
    if (count === 0) this.openingByOwner.delete(owner);
    else this.openingByOwner.set(owner, count);
    return count;
  }

  /** Lets in as many as there is room for, one of each line in turn. */
  private admit(): void {
    if (this.waiting === 0) return;
    const { unauthenticatedMax, unauthenticatedPerAddressMax } = this.limits;
    this.fill();
    // A line that is put back at the end is come to again.
    for (const [owner, line] of this.lines) {
      if (this.opening >= unauthenticatedMax) return;
      if (this.tokens < 1) break;
      if (this.countOpening(owner, 0) >= unauthenticatedPerAddressMax) continue;
      const [visit, proceed] = line.entries().next().value as [Visit, (visit: Visit) => void];
      this.unstand(visit);
      if (this.lines.delete(owner)) this.lines.set(owner, line);
      visit.waiting = false;
      this.tokens--;
      this.opening++;
      this.countOpening(owner, 1);
      proceed(visit);
    }
    if (this.waiting > 0 && this.tokens < 1) this.comeBack();
  }

  private fill(): void {
    const { connectionsPerSecondMax: rate } = this.limits;
    if (rate === 0) return;
    const now = performance.now();
    this.tokens = Math.min(Math.max(rate, 1), this.tokens + ((now - this.filledAt) * rate) / 1000);
    this.filledAt = now;
  }

  private comeBack(): void {
    if (this.timer !== undefined) return;
    const waitMs = ((1 - this.tokens) * 1000) / this.limits.connectionsPerSecondMax;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.admit();
    }, Math.ceil(waitMs));
    this.timer.unref();
  }

  /** Without a word, since who has said nothing may speak anything. */
  private turnAway(socket: Socket, reason: string): void {
    const { remoteAddress } = socket;
    socket.resetAndDestroy();
    this.turnedAway++;
    const now = performance.now();
    if (now - this.toldAt < TELL_MS) return;
    this.log?.warn({ remoteAddress, reason, connections: this.turnedAway }, 'Connections were turned away');
    this.toldAt = now;
    this.turnedAway = 0;
  }
}
