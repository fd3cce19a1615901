/** The exchanges of a virtual host: declared, checked, deleted. Bindings are binding-registry.ts's. */
import { EMPTY_TABLE, type FieldTable } from '../protocol/field-table.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';
import { requireEqual, requireEqualArguments } from '../queue/equivalence.js';
import type { AppliedPolicies } from '../queue/settings.js';
import {
  checkArguments,
  EXCHANGE_TYPES,
  Exchange,
  type ExchangeOptions,
  type ExchangeType,
} from './exchange.js';

const PREDECLARED: readonly (readonly [string, ExchangeType, internal: boolean])[] = [
  ['', 'direct', false],
  ['amq.direct', 'direct', false],
  ['amq.fanout', 'fanout', false],
  ['amq.headers', 'headers', false],
  ['amq.match', 'headers', false],
  ['amq.rabbitmq.trace', 'topic', true],
  ['amq.topic', 'topic', false],
];

/** What exchange.declare says. */
export interface ExchangeDeclaration {
  name: string;
  type: string;
  durable: boolean;
  autoDelete: boolean;
  internal: boolean;
  args: FieldTable;
}

export class ExchangeRegistry {
  readonly byName = new Map<string, Exchange>();
  private readonly virtualHost: string;
  private readonly policiesOf: (name: string) => AppliedPolicies;

  /**
   * @param virtualHost the name of the virtual host they are in
   * @param policiesOf the policies that apply to an exchange of a name
   */
  constructor(virtualHost: string, policiesOf: (name: string) => AppliedPolicies) {
    this.virtualHost = virtualHost;
    this.policiesOf = policiesOf;
    for (const [name, type, internal] of PREDECLARED) {
      this.add({ name, type, durable: true, autoDelete: false, internal, args: EMPTY_TABLE });
    }
  }

  add(options: ExchangeOptions): Exchange {
    const exchange = new Exchange(options);
    exchange.follow(this.policiesOf(options.name));
    this.byName.set(options.name, exchange);
    return exchange;
  }

  private label(name: string): string {
    return named('exchange', name, this.virtualHost);
  }

  /** @throws ProtocolError 404 */
  require(name: string): Exchange {
    const exchange = this.byName.get(name);
    if (exchange === undefined) throw new ProtocolError(404, `no ${this.label(name)}`);
    return exchange;
  }

  /**
   * Finds the exchange as declared, or makes it.
   *
   * @returns the exchange, and whether it is new
   * @throws ProtocolError 503 for an unknown type, 406 when it is there and different, 403 for a name
   *   that is the broker's own
   */
  declare(declaration: ExchangeDeclaration): { exchange: Exchange; made: boolean } {
    const { name, type, args } = declaration;
    requireExchangeType(type);
    refuseDefault(name);
    const known = this.byName.get(name);
    if (known !== undefined) {
      const what = this.label(name);
      requireEqual(what, 'type', showType(type), showType(known.type));
      requireEqual(what, 'durable', declaration.durable, known.durable);
      requireEqual(what, 'auto_delete', declaration.autoDelete, known.autoDelete);
      requireEqual(what, 'internal', declaration.internal, known.internal);
      requireEqualArguments(what, ['alternate-exchange'], args, known.args);
      return { exchange: known, made: false };
    }
    refuseReserved('exchange', name);
    const alternate = args.get('alternate-exchange');
    if (alternate !== undefined && alternate.type !== 'longstr') {
      throw new ProtocolError(
        406,
        `invalid type '${alternate.type}' for arg 'alternate-exchange' in ${this.label(name)}`,
      );
    }
    checkArguments(type as ExchangeType, args);
    return { exchange: this.add({ ...declaration, type: type as ExchangeType }), made: true };
  }

  /**
   * Checks that an exchange may be deleted; undefined when there is none.
   *
   * @throws ProtocolError 403, 406
   */
  deletable(name: string, ifUnused: boolean): Exchange | undefined {
    refuseDefault(name);
    refuseSystemExchange(name, this.virtualHost);
    const exchange = this.byName.get(name);
    if (exchange !== undefined && ifUnused && exchange.bindings.size > 0) {
      throw new ProtocolError(406, `${this.label(name)} in use`);
    }
    return exchange;
  }
}

/** @throws ProtocolError 503 */
export function requireExchangeType(type: string): void {
  if (EXCHANGE_TYPES.includes(type as ExchangeType)) return;
  const wrong = type === '' ? 'invalid' : 'unknown';
  throw new ProtocolError(503, `${wrong} exchange type '${type}'`);
}

/** @throws ProtocolError 403 for the deletion of an exchange of the broker's own */
export function refuseSystemExchange(name: string, virtualHost: string): void {
  if (!name.startsWith('amq.')) return;
  throw new ProtocolError(403, `deletion of system ${named('exchange', name, virtualHost)} not allowed`);
}

/** A type in Erlang's notation, where a name with a dash in it is quoted. */
function showType(type: string): string {
  return type.includes('-') ? `'${type}'` : type;
}

/** @throws ProtocolError 403 */
export function refuseDefault(name: string): void {
  if (name === '') throw new ProtocolError(403, 'operation not permitted on the default exchange');
}

/** @throws ProtocolError 403 */
export function refuseReserved(kind: 'queue' | 'exchange', name: string): void {
  if (!name.startsWith('amq.')) return;
  throw new ProtocolError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`);
}
