/** A policy, which names and kinds of things it applies to, and what becomes of two that apply to one. */
import type { QueueType } from '../queue/host-counters.js';
import type { Queue } from '../queue/queue.js';
import { lowerDeliveryLimit, lowerOf, type PolicyDefinition } from '../queue/settings.js';
import { Exchange } from './exchange.js';
import { NamePattern } from './name-pattern.js';

/** An operator policy sets limits to what policies and arguments may say. */
export type PolicyKind = 'policy' | 'operator-policy';

export const APPLY_TO = ['all', 'exchanges', 'queues', 'classic_queues', 'quorum_queues', 'streams'] as const;

export type ApplyTo = (typeof APPLY_TO)[number];

export interface Policy {
  readonly name: string;
  /** A regular expression; see NamePattern. */
  readonly pattern: string;
  readonly applyTo: ApplyTo;
  /** Of those that match the one with the highest applies. */
  readonly priority: number;
  readonly definition: PolicyDefinition;
}

/** What a policy may apply to: an exchange, or a queue of a type. */
export type PolicyTarget = 'exchange' | QueueType;

/** What has policies. */
export type PolicyHolder = Exchange | Queue;

function targetOf(holder: PolicyHolder): PolicyTarget {
  return holder instanceof Exchange ? 'exchange' : holder.type;
}

const OF_STREAMS = ['max-age', 'stream-max-segment-size-bytes', 'initial-cluster-size'];

/** Keys that a type of queue has no use for: a policy with any of them does not apply to it at all, as in RabbitMQ. */
const FOREIGN_KEYS: Readonly<Record<PolicyTarget, readonly string[]>> = {
  exchange: [],
  classic: [
    ...OF_STREAMS,
    ...['delivery-limit', 'dead-letter-strategy', 'target-group-size'],
    ...['max-in-memory-length', 'max-in-memory-bytes'],
  ],
  quorum: [...OF_STREAMS, 'queue-mode', 'queue-master-locator'],
};

/** A policy that is in force. */
export class PolicyInForce {
  readonly policy: Policy;
  private readonly pattern: NamePattern;
  private readonly targets: ReadonlySet<PolicyTarget>;

  /** @throws PatternError when its pattern is no regular expression */
  constructor(policy: Policy) {
    this.policy = policy;
    this.pattern = new NamePattern(policy.pattern);
    const has = (key: string): boolean => Object.hasOwn(policy.definition, key);
    const named = TARGETS[policy.applyTo];
    this.targets = new Set(named.filter((target) => !FOREIGN_KEYS[target].some(has)));
  }

  appliesTo(target: PolicyTarget, name: string): boolean {
    return this.targets.has(target) && this.pattern.matches(name);
  }

  /** Those of many that it applies to. */
  among<Holder extends PolicyHolder>(holders: readonly Holder[]): Holder[] {
    const fitting = holders.filter((holder) => this.targets.has(targetOf(holder)));
    const matches = this.pattern.matchEach(fitting.map(({ name }) => name));
    return fitting.filter((_, index) => matches[index]);
  }

  /** Those that come first go first: by priority, and by name where RabbitMQ leaves it open. */
  static compare(left: PolicyInForce, right: PolicyInForce): number {
    const byPriority = right.policy.priority - left.policy.priority;
    if (byPriority !== 0) return byPriority;
    return left.policy.name < right.policy.name ? -1 : 1;
  }
}

const TARGETS: Readonly<Record<ApplyTo, readonly PolicyTarget[]>> = {
  all: ['exchange', 'classic', 'quorum'],
  exchanges: ['exchange'],
  queues: ['classic', 'quorum'],
  classic_queues: ['classic'],
  quorum_queues: ['quorum'],
  streams: [],
};

type Merge = (value: unknown, ofOperator: unknown) => unknown;

const lower: Merge = (value, ofOperator) => lowerOf(value as number, ofOperator as number);

/** Keys of which not simply the operator's value counts. */
const MERGES: ReadonlyMap<string, Merge> = new Map<string, Merge>([
  ['expires', lower],
  ['message-ttl', lower],
  ['max-length', lower],
  ['max-length-bytes', lower],
  ['max-in-memory-length', lower],
  ['max-in-memory-bytes', lower],
  ['delivery-limit', (value, ofOperator) => lowerDeliveryLimit(value as number, ofOperator as number)],
  ['target-group-size', (value, ofOperator) => Math.max(value as number, ofOperator as number)],
]);

/** What a policy and an operator policy come to together. */
export function mergeDefinitions(
  definition: PolicyDefinition | undefined,
  ofOperator: PolicyDefinition | undefined,
): PolicyDefinition | undefined {
  if (definition === undefined || ofOperator === undefined) return definition ?? ofOperator;
  const merged: Record<string, unknown> = { ...definition };
  for (const [key, value] of Object.entries(ofOperator)) {
    const merge = Object.hasOwn(definition, key) ? MERGES.get(key) : undefined;
    merged[key] = merge === undefined ? value : merge(definition[key], value);
  }
  return merged;
}
