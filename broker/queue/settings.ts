/**
 * What a queue is to do: what its arguments and the policies that apply to it come to together. Both are
 * checked by then; which policies apply is the virtual host's.
 */
import { type FieldTable, integerOf, textOf } from '../protocol/field-table.js';
import type { QueueType } from './host-counters.js';

export interface QueueSettings {
  readonly type: QueueType;
  readonly messageTtlMs: number | undefined;
  readonly expiresMs: number | undefined;
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterRoutingKey: string | undefined;
  readonly deadLetterAtLeastOnce: boolean;
  readonly lengthMax: number | undefined;
  readonly lengthBytesMax: number | undefined;
  readonly overflow: 'drop-head' | 'reject-publish' | 'reject-publish-dlx';
  readonly priorityMax: number;
  readonly singleActiveConsumer: boolean;
  /** Undefined for none. */
  readonly deliveryLimit: number | undefined;
  /** 0 for none. */
  readonly consumerTimeoutMs: number | undefined;
}

/** Of a policy, or of one and an operator policy merged: keys are arguments without their `x-`. */
export type PolicyDefinition = Readonly<Record<string, unknown>>;

/** The policies that apply to a queue or an exchange. */
export interface AppliedPolicies {
  /** The names of the policy and of the operator policy, where there is one. */
  readonly policy?: string | undefined;
  readonly operatorPolicy?: string | undefined;
  /** What they come to together; undefined where there is none. */
  readonly definition?: PolicyDefinition | undefined;
}

export const NO_POLICIES: AppliedPolicies = {};
const NOTHING: PolicyDefinition = {};

/** How often a quorum queue hands out a message when nothing else is said (RabbitMQ 4.0). */
const QUORUM_DELIVERY_LIMIT = 20;

/**
 * Takes arguments and policies together as RabbitMQ does: of two limits the lower one; of two texts the
 * argument's, but the policy's where a quorum queue is told what to do when it is full.
 */
export function settingsOf(
  type: QueueType,
  table: FieldTable,
  definition: PolicyDefinition = NOTHING,
): QueueSettings {
  const lower = (key: string): number | undefined =>
    lowerOf(integerOf(table.get(`x-${key}`)), definition[key] as number | undefined);
  const text = (key: string): string | undefined =>
    textOf(table.get(`x-${key}`)) ?? (definition[key] as string | undefined);
  const quorum = type === 'quorum';
  const ofPolicy = quorum ? (definition['overflow'] as string | undefined) : undefined;
  const overflow = (ofPolicy ?? text('overflow') ?? 'drop-head') as QueueSettings['overflow'];
  return {
    type,
    messageTtlMs: lower('message-ttl'),
    expiresMs: lower('expires'),
    deadLetterExchange: text('dead-letter-exchange'),
    deadLetterRoutingKey: text('dead-letter-routing-key'),
    deadLetterAtLeastOnce: text('dead-letter-strategy') === 'at-least-once',
    lengthMax: lower('max-length'),
    lengthBytesMax: lower('max-length-bytes'),
    // A quorum queue knows no reject-publish-dlx and drops at the head instead.
    overflow: quorum && overflow === 'reject-publish-dlx' ? 'drop-head' : overflow,
    priorityMax: integerOf(table.get('x-max-priority')) ?? 0,
    singleActiveConsumer: table.get('x-single-active-consumer')?.value === true,
    deliveryLimit: quorum ? deliveryLimit(table, definition) : undefined,
    consumerTimeoutMs: lower('consumer-timeout'),
  };
}

/** The lower of two limits, of which one or both may not be there. */
export function lowerOf(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}

/** The lower of two delivery limits, of which a negative one is none. */
export function lowerDeliveryLimit(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return left < 0 || right < 0 ? Math.max(left, right) : Math.min(left, right);
}

function deliveryLimit(table: FieldTable, definition: PolicyDefinition): number | undefined {
  const ofPolicy = definition['delivery-limit'] as number | undefined;
  const limit =
    lowerDeliveryLimit(integerOf(table.get('x-delivery-limit')), ofPolicy) ?? QUORUM_DELIVERY_LIMIT;
  return limit < 0 ? undefined : limit;
}
