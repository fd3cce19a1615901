/**
 * Who asks, and whether they may: by the tags of RabbitMQ's users, and by the virtual hosts they may enter.
 * What they may do to an exchange or a queue is decided where AMQP clients are asked the same.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '../transport/gate.js';
import { HttpError, notAuthenticated, notAuthorised } from './http-error.js';
import type { ManagedBroker } from './managed-broker.js';
import { isRelayed } from './relayed.js';
import type { ManagementRequest } from './request.js';

/** Says why a user may not, or nothing when they may. */
export type Access = (request: ManagementRequest) => string | undefined;

const MANAGEMENT_TAGS = ['administrator', 'monitoring', 'policymaker', 'management'];
const NOT_MANAGEMENT = 'Not management user';
const NO_VIRTUAL_HOST = 'User not authorised to access virtual host';
const NO_OBJECT = 'User not authorised to access object';

export function isAdministrator({ tags }: Identity): boolean {
  return tags.includes('administrator');
}

export function isMonitor({ tags }: Identity): boolean {
  return tags.includes('administrator') || tags.includes('monitoring');
}

function isPolicymaker({ tags }: Identity): boolean {
  return tags.includes('administrator') || tags.includes('policymaker');
}

/** Whoever may use the interface at all. */
export const anyone: Access = () => undefined;

export const administrator: Access = ({ identity }) =>
  isAdministrator(identity) ? undefined : 'Not administrator user';

export const monitor: Access = ({ identity }) => (isMonitor(identity) ? undefined : 'Not monitor user');

/** Whether a user may enter the virtual host that is asked for, where it is there at all. */
function enters({ identity, virtualHostName, broker }: ManagementRequest): boolean {
  if (virtualHostName === undefined || broker.virtualHost(virtualHostName) === undefined) return true;
  return identity.mayEnter(virtualHostName);
}

export const ofVirtualHost: Access = (request) =>
  isAdministrator(request.identity) || enters(request) ? undefined : NO_VIRTUAL_HOST;

/** Of what monitors may see of virtual hosts that they cannot enter. */
export const ofVisibleVirtualHost: Access = (request) =>
  isMonitor(request.identity) || enters(request) ? undefined : NO_VIRTUAL_HOST;

export const policymaker: Access = (request) => {
  if (isAdministrator(request.identity)) return undefined;
  return isPolicymaker(request.identity) && enters(request) ? undefined : NO_OBJECT;
};

export const globalPolicymaker: Access = ({ identity }) => (isPolicymaker(identity) ? undefined : NO_OBJECT);

/** Of what belongs to a user: others see it who monitor, and administrators may end it. */
export function requireOwner(request: ManagementRequest, owner: string, ends: boolean): void {
  const { identity } = request;
  const privileged = ends ? isAdministrator(identity) : isMonitor(identity);
  if (!privileged && identity.user !== owner) throw notAuthorised(NO_OBJECT);
}

/** The virtual hosts that a user may see in listings. */
export function sees(identity: Identity, virtualHost: string): boolean {
  return isAdministrator(identity) || identity.mayEnter(virtualHost);
}

/**
 * Finds out who asks.
 *
 * Rejects with an HttpError: 400 for a header that is none, 401 for who is not let in.
 */
export async function authenticate(
  headers: IncomingHttpHeaders,
  remoteAddress: string,
  broker: ManagedBroker,
): Promise<Identity> {
  const header = headers.authorization;
  if (header === undefined) throw new HttpError(401, undefined, notAuthenticated().headers);
  const shown = parse(header);
  const peer = { remoteAddress, certificateName: undefined, relayed: isRelayed(headers) };
  const outcome =
    'token' in shown
      ? await broker.access.bearer(shown.token, peer, 'http')
      : await broker.access.logIn(shown.user, shown.password, peer, 'http');
  const { identity } = outcome;
  if (identity === undefined) {
    throw outcome.reason === 'Login failed' ? notAuthenticated() : notAuthorised(outcome.reason);
  }
  if (!identity.tags.some((tag) => MANAGEMENT_TAGS.includes(tag))) throw notAuthorised(NOT_MANAGEMENT);
  return identity;
}

/** What a request shows: a name and a password, or a token. */
type Shown = { readonly user: string; readonly password: string } | { readonly token: string };

function parse(header: string): Shown {
  const [, scheme = '', rest = ''] = /^(\S+) +(\S+) *$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { token: rest };
  const plain = Buffer.from(rest, 'base64').toString();
  const colon = plain.indexOf(':');
  if (scheme.toLowerCase() !== 'basic' || colon === -1) throw new HttpError(400, undefined);
  return { user: plain.slice(0, colon), password: plain.slice(colon + 1) };
}
