/** Access control over what a store has, with the users there have to be. */
import type { Logger } from 'pino';
import { Access, type FirstRunAdministrator, type NewUser } from './access/access.js';
import type { ThrottleLimits } from './access/login-throttle.js';
import type { OAuthOptions } from './access/oauth/oauth-options.js';
import type { PasswordHashing } from './access/password.js';
import type { OpenedStore } from './opened-store.js';
import type { VirtualHost } from './routing/virtual-host.js';
import { CLUSTER_NAME } from './transport/handshake.js';

export interface AccessSettings {
  /** Listen on an address that is not the loopback's although the user guest is there. */
  allowGuestFromAnywhere?: boolean;
  /** Users besides guest, and besides those on disk; one that is there gets this password. */
  users?: readonly NewUser[];
  /** What new passwords are hashed by: scrypt, unless definitions have to go to RabbitMQ. */
  passwordHashing?: PasswordHashing;
  /** Take the tokens of an OAuth 2 authorization server as well as passwords. */
  oauth?: OAuthOptions | undefined;
  /** How log-ins are slowed down after failures. */
  loginThrottle?: Partial<ThrottleLimits>;
}

interface Settings extends AccessSettings {
  readonly dataDirectory?: string | undefined;
  readonly log?: Logger | undefined;
}

/** @throws OAuthOptionsError */
export function openAccess(settings: Settings, opened: OpenedStore): Access {
  const { store, users, definitions, virtualHosts } = opened;
  const access = new Access({
    store,
    users,
    definitions,
    virtualHosts,
    guestFromAnywhere: settings.allowGuestFromAnywhere ?? false,
    passwordHashing: settings.passwordHashing,
    oauth: settings.oauth,
    throttle: settings.loginThrottle,
    clusterName: CLUSTER_NAME,
    log: settings.log,
  });
  // Whatever was remembered of anybody's rights is asked again.
  access.onChange = () => virtualHosts.changed();
  const limit = (name: string): void => limitVirtualHost(access, virtualHosts.get(name));
  access.virtualHostLimits.onChange = limit;
  for (const { name } of virtualHosts) limit(name);
  return access;
}

/**
 * Makes the users that there have to be. Where there are any, from before or by definitions, nobody is
 * added whose password everybody knows.
 *
 * Resolves with the administrator of a first run on a data directory; rejects with an AccessError for a
 * permission that is none.
 */
export async function makeUsers(
  access: Access,
  { dataDirectory, users = [] }: Settings,
): Promise<FirstRunAdministrator | undefined> {
  let administrator: FirstRunAdministrator | undefined;
  if (access.users.list().length === 0) {
    // Without a directory every run is the first, and guest is enough.
    if (dataDirectory === undefined) await access.makeGuest();
    else administrator = await access.makeFirst();
  }
  await access.make(users);
  return administrator;
}

function limitVirtualHost({ virtualHostLimits }: Access, virtualHost: VirtualHost | undefined): void {
  if (virtualHost === undefined) return;
  const { name } = virtualHost;
  virtualHost.connectionsMax = virtualHostLimits.limit(name, 'max-connections') ?? Number.POSITIVE_INFINITY;
  virtualHost.queuesMax = virtualHostLimits.limit(name, 'max-queues') ?? Number.POSITIVE_INFINITY;
}
