/** How many connections and channels a user and a virtual host may have; the texts are RabbitMQ's. */
import { ProtocolError } from '../protocol/protocol-error.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { ConnectionRegistry, ListedConnection } from './connection-registry.js';
import type { Gate } from './gate.js';

/** What is counted, and who knows the limits. */
interface QuotaGround {
  readonly connections: ConnectionRegistry;
  readonly gate: Pick<Gate, 'userLimit'>;
}

/**
 * Whether one more connection may be opened. Counted only where there is a limit.
 *
 * @throws ProtocolError 530
 */
export function admitConnection(
  { connections, gate }: QuotaGround,
  user: string,
  virtualHost: VirtualHost,
): void {
  const { name, connectionsMax } = virtualHost;
  if (reaches(connections, connectionsMax, (connection) => connection.virtualHost === virtualHost)) {
    const refused = `access to vhost '${name}' refused for user '${user}'`;
    throw new ProtocolError(530, `${refused}: connection limit (${connectionsMax}) is reached`);
  }
  const limit = gate.userLimit(user, 'max-connections');
  if (reaches(connections, limit, (connection) => connection.user === user)) {
    const refused = `Connection refused for user '${user}'`;
    throw new ProtocolError(530, `${refused}: user connection limit (${limit}) is reached`);
  }
}

/** Whether one more channel may be opened. @throws ProtocolError 530 */
export function admitChannel({ connections, gate }: QuotaGround, user: string): void {
  const limit = gate.userLimit(user, 'max-channels');
  if (limit === Number.POSITIVE_INFINITY) return;
  let count = 0;
  for (const connection of connections) if (connection.user === user) count += connection.channelCount;
  if (count < limit) return;
  const reached = `has reached the maximum allowed user limit of (${limit})`;
  throw new ProtocolError(530, `number of channels opened for user '${user}' ${reached}`);
}

function reaches(
  connections: Iterable<ListedConnection>,
  limit: number,
  counts: (connection: ListedConnection) => boolean,
): boolean {
  if (limit === Number.POSITIVE_INFINITY) return false;
  let count = 0;
  for (const connection of connections) if (counts(connection)) count++;
  return count >= limit;
}
