/** What goes over the socket of a connection: octets, and how often some were read or written. */
import type { Changes } from '../queue/changes.js';
import type { HostCounters } from '../queue/host-counters.js';
import type { VirtualHost } from '../routing/virtual-host.js';

export class Traffic {
  receivedBytes = 0;
  receivedCount = 0;
  sentBytes = 0;
  sentCount = 0;
  private ofHost: HostCounters | undefined;
  private changes: Changes | undefined;
  private owner: object | undefined;
  private changedIn = -1;

  /** The connection has a virtual host, which counts it from now on, and what was needed to get there. */
  openedIn({ tally, changes }: VirtualHost, owner: object): void {
    this.ofHost = tally;
    this.changes = changes;
    this.owner = owner;
    tally.receivedBytes += this.receivedBytes;
    tally.sentBytes += this.sentBytes;
    this.changed();
  }

  /** Something was done on the connection: whatever its channels count may not be what it was. */
  changed(): void {
    const { changes } = this;
    if (changes === undefined || this.changedIn === changes.round) return;
    this.changedIn = changes.round;
    changes.add(this.owner as object);
  }

  received(bytes: number): void {
    this.receivedBytes += bytes;
    this.receivedCount++;
    if (this.ofHost !== undefined) this.ofHost.receivedBytes += bytes;
    this.changed();
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
    this.sentCount++;
    if (this.ofHost !== undefined) this.ofHost.sentBytes += bytes;
    this.changed();
  }
}
