/**
 * Rich authorization requests (RFC 9396) as RabbitMQ reads them: `authorization_details` with a `type`,
 * `actions` (permissions or tags) and `locations` such as `cluster:rabbitmq/vhost:shop/queue:orders`.
 */
import type { OAuthOptions } from './oauth-options.js';
import { matchesWildcard } from './scope-permission.js';

const PERMISSIONS = ['configure', 'write', 'read'];
const TAGS = ['administrator', 'monitoring', 'management', 'policymaker'];

/** The scopes, with the identifier of the resource server in front, that a token's details come to. */
export function richAuthorizationScopes(
  claims: Readonly<Record<string, unknown>>,
  { resourceServerId, resourceServerType }: OAuthOptions,
): string[] {
  const details = claims['authorization_details'];
  if (!Array.isArray(details) || resourceServerType === undefined || resourceServerType === '') return [];
  return details
    .filter((detail) => typeof detail === 'object' && detail !== null && detail.type === resourceServerType)
    .flatMap((detail: { actions?: unknown; locations?: unknown }) => {
      const places = textsOf(detail.locations).flatMap((location) => placeOf(location, resourceServerId));
      if (places.length === 0) return [];
      return textsOf(detail.actions).flatMap((action) => scopesOf(action, places, resourceServerId));
    });
}

function scopesOf(action: string, places: readonly string[], resourceServerId: string): string[] {
  if (TAGS.includes(action)) return [`${resourceServerId}.tag:${action}`];
  if (!PERMISSIONS.includes(action)) return [];
  return places.map((place) => `${resourceServerId}.${action}:${place}`);
}

/** What a location names, as a scope does; nothing where it is none of this resource server's. */
function placeOf(location: string, resourceServerId: string): string[] {
  const parts = new Map<string, string>();
  for (const part of location.split('/')) {
    const [name, value] = part.split(':').filter((word) => word !== '');
    if (name !== undefined && value !== undefined) parts.set(name, value);
  }
  const cluster = parts.get('cluster');
  if (cluster === undefined || !matchesWildcard(resourceServerId, cluster)) return [];
  const [queue, exchange] = [parts.get('queue'), parts.get('exchange')];
  if (queue !== undefined && exchange !== undefined && queue !== exchange) return [];
  return [`${parts.get('vhost') ?? '*'}/${queue ?? exchange ?? '*'}/${parts.get('routing-key') ?? '*'}`];
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
