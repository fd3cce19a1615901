// Policies that RabbitMQ 3.10 and 4 answer alike: by the same reason, or by taking them.
import type { PolicyKind } from '../../../broker/routing/policy.js';
import type { PolicyBody } from './policy-broker.js';

export type Candidate = readonly [PolicyKind, PolicyBody];

const values: readonly Record<string, unknown>[] = [
  { x: 1 },
  { b: { c: [1, 'z', null, true, 1.5] }, 'max-length': 5, x: 'a' },
  { 'max-length': -1, x: 1 },
  {},
  ...[5, 0, -1, 1.5, 'a', '5', null, true, {}, [], [1, 2], [97, 98], { b: 'é"\\' }].flatMap((value) =>
    [
      'max-length',
      'max-length-bytes',
      'message-ttl',
      'expires',
      'max-in-memory-length',
      'max-in-memory-bytes',
      'dead-letter-exchange',
      'dead-letter-routing-key',
      'dead-letter-strategy',
      'alternate-exchange',
      'overflow',
      'queue-mode',
      'queue-version',
      'queue-leader-locator',
      'initial-cluster-size',
      'stream-max-segment-size-bytes',
      'quorum-initial-group-size',
      'max-priority',
      'federation-upstream',
      'federation-upstream-set',
    ].map((key) => ({ [key]: value })),
  ),
  ...[5, 0, 1.5, 'a', null].map((value) => ({ 'delivery-limit': value })),
  ...['at-most-once', 'at-least-once'].map((value) => ({ 'dead-letter-strategy': value })),
  ...['drop-head', 'reject-publish', 'reject-publish-dlx', 'drop'].map((value) => ({ overflow: value })),
  ...['lazy', 'default', 'LAZY'].map((value) => ({ 'queue-mode': value })),
  ...[1, 2, 3].map((value) => ({ 'queue-version': value })),
  ...['client-local', 'balanced', 'random', 'least-leaders', 'x'].map((value) => ({
    'queue-leader-locator': value,
  })),
  { 'queue-master-locator': 'min-masters' },
  { 'max-age': '1D' },
];

const limit = { 'max-length': 5 };
const bodies: readonly PolicyBody[] = [
  ...values.map((definition) => ({ pattern: '^a$', definition })),
  ...['a', '7', null, true, [], 1.5, -3, 0].map((priority) => ({
    pattern: 'a',
    definition: limit,
    priority,
  })),
  ...['all', 'queues', 'exchanges'].map((applyTo) => ({
    pattern: 'a',
    definition: limit,
    'apply-to': applyTo,
  })),
  ...['', '(', 'é(', '*', 'a|*', 'a)', '[a', 'a{2,1}', 'a\\', '[z-a]', '^(?!amq\\.).*', '(?i)A'].map(
    (pattern) => ({
      pattern,
      definition: limit,
    }),
  ),
  ...[5, null, {}].map((pattern) => ({ pattern, definition: limit })),
  { pattern: '*', definition: { 'max-length': 'a' }, priority: 'x' },
];

const operatorValues: readonly Record<string, unknown>[] = [
  {},
  ...[
    'expires',
    'message-ttl',
    'max-length',
    'max-length-bytes',
    'max-in-memory-length',
    'max-in-memory-bytes',
  ].flatMap((key) => [{ [key]: 5 }, { [key]: 'a' }]),
  { 'delivery-limit': 5 },
  { 'dead-letter-exchange': 'x' },
  { 'dead-letter-strategy': 'at-least-once' },
  { 'queue-mode': 'lazy' },
  { 'alternate-exchange': 'x' },
  { 'max-length': 5, 'dead-letter-routing-key': 'x' },
];

export const CANDIDATES: readonly Candidate[] = [
  ...bodies.map((body) => ['policy', body] as const),
  ...operatorValues.map((definition) => ['operator-policy', { pattern: '^a$', definition }] as const),
];
