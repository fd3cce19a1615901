/**
 * The policies and operator policies of a virtual host: kept in the store, and applied to its exchanges
 * and queues, to those that are there at once.
 */
import { isDeepStrictEqual } from 'node:util';
import { NextTurn } from '../queue/deadline.js';
import type { Queue } from '../queue/queue.js';
import type { AppliedPolicies } from '../queue/settings.js';
import { DefinitionTable } from '../store/definition-table.js';
import type { DefinitionRow, Store } from '../store/store.js';
import { Exchange } from './exchange.js';
import {
  mergeDefinitions,
  type Policy,
  type PolicyHolder,
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

/** What follows other policies in one turn of the event loop: there may be very many queues. */
const STEP_HOLDERS = 1000;
const KINDS = ['policy', 'operator-policy'] as const;

export class Policies {
  private readonly ground: PolicyGround;
  private readonly tables: PolicyTables;
  /** Those that go first, first. */
  private readonly inForce: Record<PolicyKind, PolicyInForce[]> = { policy: [], 'operator-policy': [] };
  /** What is yet to follow, and what: more than are done in one turn. */
  private readonly waiting = new Map<PolicyHolder, AppliedPolicies>();
  private readonly next = new NextTurn(() => this.step());

  constructor(ground: PolicyGround, tables: PolicyTables) {
    this.ground = ground;
    this.tables = tables;
    for (const kind of KINDS) {
      for (const [[virtualHost, name], policy] of tables[kind].entries()) {
        if (virtualHost !== ground.name) continue;
        this.inForce[kind].push(new PolicyInForce({ name: name as string, ...policy }));
      }
      this.inForce[kind].sort(PolicyInForce.compare);
    }
  }

  /**
   * Makes a policy, or another one of the one that is there. It is in effect when this returns, but for
   * what is more than a thousand exchanges and queues, which follow in the next turns.
   *
   * @returns whether it is new
   * @throws PolicyError in RabbitMQ's words
   */
  put(kind: PolicyKind, name: string, candidate: PolicyCandidate): boolean {
    const policy = validPolicy(kind, name, candidate);
    const known = this.get(kind, name) !== undefined;
    const { name: _name, ...kept } = policy;
    this.tables[kind].put([this.ground.name, name], kept);
    const put = new PolicyInForce(policy);
    const others = this.inForce[kind].filter((one) => one.policy.name !== name);
    this.inForce[kind] = [...others, put].sort(PolicyInForce.compare);
    this.apply(kind, name, put);
    return !known;
  }

  /** Takes a policy away; returns whether there was one. */
  drop(kind: PolicyKind, name: string): boolean {
    if (!this.tables[kind].drop(this.ground.name, name)) return false;
    this.inForce[kind] = this.inForce[kind].filter((one) => one.policy.name !== name);
    this.apply(kind, name, undefined);
    return true;
  }

  /** Takes all away, for the time when the virtual host is deleted with all they apply to. */
  clear(): void {
    this.waiting.clear();
    for (const kind of KINDS) {
      for (const { policy } of this.inForce[kind]) this.tables[kind].drop(this.ground.name, policy.name);
      this.inForce[kind] = [];
    }
  }

  get(kind: PolicyKind, name: string | undefined): Policy | undefined {
    return this.find(kind, name)?.policy;
  }

  private find(kind: PolicyKind, name: string | undefined): PolicyInForce | undefined {
    return this.inForce[kind].find((one) => one.policy.name === name);
  }

  /** All of a kind, in RabbitMQ's order: the lowest priority first. */
  list(kind: PolicyKind): Policy[] {
    const policies = this.inForce[kind].map(({ policy }) => policy);
    return policies.sort((left, right) => left.priority - right.priority);
  }

  /** What applies to an exchange or a queue that is there or is to be. */
  of(target: PolicyTarget, name: string): AppliedPolicies {
    const applies = (one: PolicyInForce): boolean => one.appliesTo(target, name);
    const policy = this.inForce.policy.find(applies)?.policy.name;
    const operatorPolicy = this.inForce['operator-policy'].find(applies)?.policy.name;
    return this.together(policy, operatorPolicy);
  }

  private together(policy: string | undefined, operatorPolicy: string | undefined): AppliedPolicies {
    const definition = mergeDefinitions(
      this.get('policy', policy)?.definition,
      this.get('operator-policy', operatorPolicy)?.definition,
    );
    return { policy, operatorPolicy, definition };
  }

  /** A policy is another one or, undefined, is gone: finds out for whom that changes anything. */
  private apply(kind: PolicyKind, name: string, put: PolicyInForce | undefined): void {
    const { queues, exchanges } = this.ground;
    const had: PolicyHolder[] = [];
    const open: PolicyHolder[] = [];
    for (const holder of [...exchanges.byName.values(), ...queues.values()]) {
      const current = this.nameOf(kind, holder);
      if (current === name) had.push(holder);
      else if (put !== undefined && goesBefore(put, this.find(kind, current))) open.push(holder);
    }
    for (const holder of put?.among(open) ?? []) this.choose(kind, holder, name);
    let left = had;
    for (const one of this.inForce[kind]) {
      const matched = new Set(one.among(left));
      for (const holder of matched) this.choose(kind, holder, one.policy.name);
      left = left.filter((holder) => !matched.has(holder));
    }
    for (const holder of left) this.choose(kind, holder, undefined);
    this.step();
  }

  private nameOf(kind: PolicyKind, holder: PolicyHolder): string | undefined {
    const { policy, operatorPolicy } = this.waiting.get(holder) ?? holder.policies;
    return kind === 'policy' ? policy : operatorPolicy;
  }

  private choose(kind: PolicyKind, holder: PolicyHolder, name: string | undefined): void {
    const before = this.waiting.get(holder) ?? holder.policies;
    const after =
      kind === 'policy' ? this.together(name, before.operatorPolicy) : this.together(before.policy, name);
    if (!isDeepStrictEqual(after, before)) this.waiting.set(holder, after);
  }

  private step(): void {
    const { ground, waiting } = this;
    // Before anything is dead-lettered: what was remembered of routes may not be so any more.
    ground.version++;
    let count = 0;
    for (const [holder, policies] of waiting) {
      if (count++ === STEP_HOLDERS) {
        this.next.ask();
        return;
      }
      waiting.delete(holder);
      if (holder.deleted) continue;
      holder.follow(policies);
      if (!(holder instanceof Exchange)) ground.onSettings?.(holder);
    }
  }
}

function goesBefore(one: PolicyInForce, other: PolicyInForce | undefined): boolean {
  return other === undefined || PolicyInForce.compare(one, other) < 0;
}
