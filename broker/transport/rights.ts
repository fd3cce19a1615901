/** What a connection's user may do, asked for in the words of RabbitMQ. */
import { type FieldTable, textOf } from '../protocol/field-table.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';
import type { Exchange } from '../routing/exchange.js';
import type { Permission } from './gate.js';
import type { Wire } from './wire.js';

/** What the default exchange, which has no name, is called in permissions. */
const DEFAULT_EXCHANGE = 'amq.default';

export class Rights {
  private readonly wire: Pick<Wire, 'identity' | 'virtualHost'>;

  constructor(wire: Pick<Wire, 'identity' | 'virtualHost'>) {
    this.wire = wire;
  }

  /** @throws ProtocolError 403 */
  require(permission: Permission, kind: 'queue' | 'exchange', name: string): void {
    const { identity, virtualHost } = this.wire;
    const asked = kind === 'exchange' && name === '' ? DEFAULT_EXCHANGE : name;
    if (identity.may(permission, virtualHost.name, asked)) return;
    throw refused(`${permission} access to ${named(kind, asked, virtualHost.name)}`, identity.user);
  }

  /**
   * Asks for what a topic exchange lets one do with a routing key; any other type has nothing to say.
   *
   * @throws ProtocolError 403
   */
  requireTopic(permission: 'write' | 'read', exchange: Exchange, routingKey: string): void {
    if (exchange.type !== 'topic') return;
    const { identity, virtualHost } = this.wire;
    if (identity.mayRoute(permission, virtualHost.name, exchange.name, routingKey)) return;
    const what = `${permission} access to topic '${routingKey}' in`;
    throw refused(`${what} ${named('exchange', exchange.name, virtualHost.name)}`, identity.user);
  }

  /**
   * Asks for what messages are sent on with: whoever makes a queue or an exchange that hands on to
   * another exchange has to be able to do so themselves.
   *
   * @param argument the name of the argument that says where to
   * @throws ProtocolError 403
   */
  requireHandingOn(kind: 'queue' | 'exchange', name: string, args: FieldTable, argument: string): void {
    const to = textOf(args.get(argument));
    if (to === undefined) return;
    this.require('read', kind, name);
    this.require('write', 'exchange', to);
  }
}

function refused(what: string, user: string): ProtocolError {
  return new ProtocolError(403, `${what} refused for user '${user}'`);
}
