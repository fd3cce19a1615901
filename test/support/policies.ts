/** Policies of a broker in this process, put as the management API puts them. */
import type { Broker } from '../../broker/broker.js';
import type { PolicyKind } from '../../broker/routing/policy.js';
import { type PolicyCandidate, PolicyError } from '../../broker/routing/policy-validation.js';
import type { VirtualHost } from '../../broker/routing/virtual-host.js';
import type { VirtualHosts } from '../../broker/routing/virtual-hosts.js';

function virtualHostsOf(broker: Broker): VirtualHosts {
  return (broker as unknown as { shared: { virtualHosts: VirtualHosts } }).shared.virtualHosts;
}

/** The virtual host `/`. */
export function virtualHostOf(broker: Broker): VirtualHost {
  return virtualHostsOf(broker).get('/') as VirtualHost;
}

/** Puts a policy. Returns why it is refused, if it is. */
export function putPolicy(
  { policies }: VirtualHost,
  kind: PolicyKind,
  name: string,
  candidate: PolicyCandidate,
): string | undefined {
  try {
    policies.put(kind, name, candidate);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
}
