/** Limits that an operator sets on a virtual host or a user: how many of something there may be. */
import { showJson, showPairs } from '../protocol/json-notation.js';
import type { DefinitionTable } from '../store/definition-table.js';
import { AccessError } from './access-error.js';
import type { ParameterComponent } from './parameters.js';

export type LimitValues = Readonly<Record<string, number>>;

export class Limits<Limit extends string> {
  private readonly table: DefinitionTable<LimitValues>;
  private readonly known: readonly Limit[];
  private readonly subject: string;
  private readonly report: (faults: readonly string[]) => string;
  /** Called when the limits of one have changed. */
  onChange: (name: string) => void = () => undefined;

  /**
   * @param known the limits there are
   * @param subject what they are limits of, in RabbitMQ's errors
   * @param report makes an error's text of what is wrong
   */
  constructor(
    table: DefinitionTable<LimitValues>,
    known: readonly Limit[],
    subject: string,
    report: (faults: readonly string[]) => string,
  ) {
    this.table = table;
    this.known = known;
    this.subject = subject;
    this.report = report;
  }

  /** All that have limits, with them. */
  list(): [name: string, values: LimitValues][] {
    return [...this.table.entries()].map(([[name], values]) => [name as string, values]);
  }

  of(name: string): LimitValues {
    return this.table.get(name) ?? {};
  }

  /** How many there may be; undefined for any number, as which RabbitMQ takes every negative one. */
  limit(name: string, limit: Limit): number | undefined {
    const value = this.table.get(name)?.[limit];
    return value === undefined || value < 0 ? undefined : value;
  }

  /**
   * Why something cannot be a set of limits, in RabbitMQ's words, in its order; empty where it can.
   *
   * @param values as they came out of JSON
   */
  faults(values: unknown): string[] {
    // An empty set of RabbitMQ's is an empty list.
    if (Array.isArray(values) && values.length === 0) return [];
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      return [`${this.subject} not a list ${showJson(values)}`];
    }
    const unknown = Object.entries(values).filter(([name]) => !this.known.includes(name as Limit));
    const wrong = Object.entries(values).filter(
      ([name, value]) => this.known.includes(name as Limit) && !Number.isInteger(value),
    );
    return [
      ...(unknown.length === 0
        ? []
        : [`Unrecognised terms ${showPairs(Object.fromEntries(unknown))} in ${this.subject}`]),
      ...wrong.map(([name, value]) => `${name} should be a number, actually was ${showJson(value)}`),
    ];
  }

  /** @throws AccessError when it cannot be a set of limits */
  check(values: unknown): void {
    const faults = this.faults(values);
    if (faults.length > 0) throw new AccessError(this.report(faults));
  }

  /** Sets a limit, besides those that are set. @throws AccessError for one there is not, or no whole number */
  put(name: string, limit: string, value: unknown): void {
    this.merge(name, { [limit]: value });
  }

  /** Sets limits, besides those that are set. @throws AccessError for one there is not, or no whole number */
  merge(name: string, values: unknown): void {
    this.check(values);
    this.set(name, { ...this.of(name), ...(values as LimitValues) });
  }

  /** Sets all limits at once. @throws AccessError for one there is not, or no whole number */
  replace(name: string, values: unknown): void {
    this.check(values);
    this.set(name, { ...(values as LimitValues) });
  }

  /** Takes a limit away, or all of them; none that is not there. */
  drop(name: string, limit?: string): void {
    const values = Object.entries(this.of(name)).filter(([set]) => limit !== undefined && set !== limit);
    this.set(name, Object.fromEntries(values));
  }

  private set(name: string, values: LimitValues): void {
    if (Object.keys(values).length > 0) this.table.put([name], values);
    else this.table.drop(name);
    this.onChange(name);
  }
}

export type VirtualHostLimit = 'max-connections' | 'max-queues';
export type UserLimit = 'max-connections' | 'max-channels';

/** Of virtual hosts, which to RabbitMQ are a parameter. */
export function virtualHostLimits(table: DefinitionTable<LimitValues>): Limits<VirtualHostLimit> {
  const report = (faults: readonly string[]): string => `Validation failed\n\n${faults.join('\n')}\n`;
  return new Limits(table, ['max-connections', 'max-queues'], 'limits', report);
}

export function userLimits(table: DefinitionTable<LimitValues>): Limits<UserLimit> {
  return new Limits(table, ['max-connections', 'max-channels'], 'user-limits', (faults) => faults.join('\n'));
}

/** The one name of a virtual host's limits among its parameters. */
const LIMITS_PARAMETER = 'limits';

/** The limits of virtual hosts as RabbitMQ has them among the parameters: all of a virtual host's as one. */
export function limitsComponent(limits: Limits<VirtualHostLimit>): ParameterComponent {
  return {
    list: () => limits.list().map(([virtualHost, value]) => ({ virtualHost, name: LIMITS_PARAMETER, value })),
    faults: (name, value) =>
      name === LIMITS_PARAMETER ? limits.faults(value) : [`${name} should be ${LIMITS_PARAMETER}`],
    put: (virtualHost, _name, value) => limits.replace(virtualHost, value),
    drop: (virtualHost) => limits.drop(virtualHost),
  };
}
