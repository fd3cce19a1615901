/** What goes over the socket of a connection: octets, and how often some were read or written. */
import { ChangeMark } from '../queue/changes.js';
import type { HostCounters } from '../queue/host-counters.js';
import type { VirtualHost } from '../routing/virtual-host.js';

export class Traffic {
  receivedBytes = 0;
  receivedCount = 0;
  sentBytes = 0;
  sentCount = 0;
  private ofHost: HostCounters | undefined;
  private mark: ChangeMark | undefined;

  /** The connection has a virtual host, which counts it from now on, and what was needed to get there. */
  openedIn({ counters, changes }: VirtualHost, owner: object): void {
    this.ofHost = counters;
    this.mark = new ChangeMark(changes, owner);
    counters.receivedBytes += this.receivedBytes;
    counters.sentBytes += this.sentBytes;
    this.mark.set();
  }

  received(bytes: number): void {
    this.receivedBytes += bytes;
    this.receivedCount++;
    if (this.ofHost === undefined) return;
    this.ofHost.receivedBytes += bytes;
    this.mark?.set();
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
    this.sentCount++;
    if (this.ofHost === undefined) return;
    this.ofHost.sentBytes += bytes;
    this.mark?.set();
  }
}
