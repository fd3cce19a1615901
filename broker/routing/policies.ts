/**
 * The policies and operator policies of a virtual host: kept in the store, and applied to its exchanges
 * and queues, to those that are there at once.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Queue } from '../queue/queue.js';
import type { AppliedPolicies } from '../queue/settings.js';
import { DefinitionTable } from '../store/definition-table.js';
import type { DefinitionRow, Store } from '../store/store.js';
import type { Exchange } from './exchange.js';
import {
  mergeDefinitions,
  type Policy,
  PolicyInForce,
  type PolicyKind,
  type PolicyTarget,
} from './policy.js';
import { type PolicyCandidate, validPolicy } from './policy-validation.js';

/** What is kept of a policy, beside its name. */
type StoredPolicy = Omit<Policy, 'name'>;

/** The policies of all virtual hosts, as they are kept: found by virtual host and name. */
export type PolicyTables = Readonly<Record<PolicyKind, DefinitionTable<StoredPolicy>>>;

export function openPolicyTables(store: Store, recovered: readonly DefinitionRow[]): PolicyTables {
  return {
    policy: new DefinitionTable(store, 'policy', recovered),
    'operator-policy': new DefinitionTable(store, 'operator-policy', recovered),
  };
}

/** The virtual host, as its policies see it. */
export interface PolicyGround {
  readonly name: string;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly exchanges: { readonly byName: ReadonlyMap<string, Exchange> };
  /** Changes whenever any exchange, queue or binding does. */
  version: number;
  /** Told of a queue whose settings are other ones now. */
  readonly onSettings: ((queue: Queue) => void) | undefined;
}

export class Policies {
  private readonly ground: PolicyGround;
  private readonly tables: PolicyTables;
  /** Those that go first, first. */
  private readonly inForce: Record<PolicyKind, PolicyInForce[]> = { policy: [], 'operator-policy': [] };

  constructor(ground: PolicyGround, tables: PolicyTables) {
    this.ground = ground;
    this.tables = tables;
    for (const kind of ['policy', 'operator-policy'] as const) {
      for (const [[virtualHost, name], policy] of tables[kind].entries()) {
        if (virtualHost !== ground.name) continue;
        this.inForce[kind].push(new PolicyInForce({ name: name as string, ...policy }));
      }
      this.inForce[kind].sort(PolicyInForce.compare);
    }
  }

  /**
   * Makes a policy, or another one of the one that is there; it is in effect when this returns.
   *
   * @returns whether it is new
   * @throws PolicyError in RabbitMQ's words
   */
  put(kind: PolicyKind, name: string, candidate: PolicyCandidate): boolean {
    const policy = validPolicy(kind, name, candidate);
    const known = this.get(kind, name) !== undefined;
    const { name: _name, ...kept } = policy;
    this.tables[kind].put([this.ground.name, name], kept);
    const others = this.inForce[kind].filter((one) => one.policy.name !== name);
    this.inForce[kind] = [...others, new PolicyInForce(policy)].sort(PolicyInForce.compare);
    this.apply();
    return !known;
  }

  /** Takes a policy away; returns whether there was one. */
  drop(kind: PolicyKind, name: string): boolean {
    if (!this.tables[kind].drop(this.ground.name, name)) return false;
    this.inForce[kind] = this.inForce[kind].filter((one) => one.policy.name !== name);
    this.apply();
    return true;
  }

  /** Takes all away, for the time when the virtual host is deleted with all they apply to. */
  clear(): void {
    for (const kind of ['policy', 'operator-policy'] as const) {
      for (const { policy } of this.inForce[kind]) this.tables[kind].drop(this.ground.name, policy.name);
      this.inForce[kind] = [];
    }
  }

  get(kind: PolicyKind, name: string): Policy | undefined {
    return this.inForce[kind].find((one) => one.policy.name === name)?.policy;
  }

  /** All of a kind, in RabbitMQ's order: the lowest priority first. */
  list(kind: PolicyKind): Policy[] {
    const policies = this.inForce[kind].map(({ policy }) => policy);
    return policies.sort((left, right) => left.priority - right.priority);
  }

  /** What applies to an exchange or a queue that is there or is to be. */
  of(target: PolicyTarget, name: string): AppliedPolicies {
    const applies = (one: PolicyInForce): boolean => one.appliesTo(target, name);
    const policy = this.inForce.policy.find(applies)?.policy;
    const operatorPolicy = this.inForce['operator-policy'].find(applies)?.policy;
    return {
      policy: policy?.name,
      operatorPolicy: operatorPolicy?.name,
      definition: mergeDefinitions(policy?.definition, operatorPolicy?.definition),
    };
  }

  private apply(): void {
    const { ground } = this;
    // Before anything is dead-lettered: what was remembered of routes may not be so any more.
    ground.version++;
    for (const exchange of ground.exchanges.byName.values()) {
      exchange.follow(this.of('exchange', exchange.name));
    }
    // Some may go or come meanwhile, by what is dead-lettered.
    for (const queue of [...ground.queues.values()]) {
      const policies = this.of(queue.settings.type, queue.name);
      if (queue.deleted || isDeepStrictEqual(policies, queue.policies)) continue;
      queue.follow(policies);
      ground.onSettings?.(queue);
    }
  }
}
