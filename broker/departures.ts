/** Closes the connections of whoever, and whatever, an operator deletes; the texts are RabbitMQ's. */
import type { Access } from './access/access.js';
import { ProtocolError } from './protocol/protocol-error.js';
import type { Host } from './transport/host.js';

export function closeWhatIsDeleted({ connections, virtualHosts }: Host, access: Access): void {
  access.onUserDeleted = (user) => {
    const reason = new ProtocolError(320, `user '${user}' is deleted`);
    connections.disconnectWhere((connection) => connection.user === user, reason);
  };
  virtualHosts.onVirtualHost = (what, virtualHost) => {
    if (what !== 'deleting') return;
    const reason = new ProtocolError(320, `vhost '${virtualHost.name}' is deleted`);
    connections.disconnectWhere((connection) => connection.virtualHost === virtualHost, reason);
  };
}
