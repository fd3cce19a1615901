// Access control over a store that keeps nothing, with what it tells.
import { Access, type AccessOptions } from '../../broker/access/access.js';
import { MemoryStore } from '../../broker/store/store.js';
import type { Identity, Peer } from '../../broker/transport/gate.js';

export const LOCAL: Peer = { remoteAddress: '127.0.0.1', certificateName: undefined };

/** Access control with the virtual hosts named, `/` unless said. */
export function accessUnderTest(options: Partial<AccessOptions> = {}, virtualHosts = ['/']): Access {
  return new Access({
    store: new MemoryStore(),
    users: [],
    definitions: [],
    virtualHosts: { get: (name: string) => virtualHosts.find((known) => known === name) },
    guestFromAnywhere: false,
    clusterName: 'warren@test',
    ...options,
  });
}

/** Logs in over AMQP by PLAIN. */
export function plain(
  access: Access,
  user: string,
  password: string,
  peer: Peer = LOCAL,
): Promise<Identity | undefined> {
  return access.authenticate('PLAIN', Buffer.from(`\0${user}\0${password}`), peer);
}
