/**
 * What a policy may be, in RabbitMQ 4's words where it may not. An operator policy may have fewer keys: it
 * sets limits, and does not say what else is to become of messages.
 */
import { showBinary } from '../protocol/erlang-notation.js';
import type { PolicyDefinition } from '../queue/settings.js';
import { NamePattern, PatternError } from './name-pattern.js';
import { patternFault } from './pattern-fault.js';
import { APPLY_TO, type ApplyTo, type Policy, type PolicyKind } from './policy.js';

/** A policy as somebody sends it: values of any type that JSON has. */
export interface PolicyCandidate {
  readonly pattern: unknown;
  readonly definition: unknown;
  /** 0 when it is left out. */
  readonly priority?: unknown;
  /** `all` when it is left out. */
  readonly 'apply-to'?: unknown;
}

/** Why a policy is refused: the message is what RabbitMQ gives as its reason. */
export class PolicyError extends Error {
  constructor(faults: readonly string[]) {
    super(`Validation failed\n\n${faults.join('\n')}\n`);
    this.name = 'PolicyError';
  }
}

interface Key {
  readonly isValid: (value: unknown) => boolean;
  /** What its value is to be. */
  readonly what: string;
  readonly operator: boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isInteger = (value: unknown): boolean => Number.isInteger(value);
const isAtLeast =
  (lowest: number) =>
  (value: unknown): boolean =>
    isInteger(value) && (value as number) >= lowest;
const isOneOf =
  (...choices: readonly unknown[]) =>
  (value: unknown): boolean =>
    choices.includes(value);
const isAge = (value: unknown): boolean => typeof value === 'string' && /^\d+[YMDhms]$/.test(value);

const LOCATORS = ['client-local', 'balanced', 'random', 'least-leaders', 'min-masters'] as const;

/** What may be in a definition, and what of it in an operator policy's. */
export const POLICY_KEYS: ReadonlyMap<string, Key> = new Map(
  (
    [
      ['alternate-exchange', isText, 'valid alternate exchange name'],
      ['consumer-timeout', isAtLeast(0), 'valid consumer timeout'],
      ['dead-letter-exchange', isText, 'valid dead letter exchange name'],
      ['dead-letter-routing-key', isText, 'valid dead letter routing key'],
      ['dead-letter-strategy', isOneOf('at-most-once', 'at-least-once'), 'valid dead letter strategy'],
      ['delivery-limit', isInteger, 'valid delivery limit', true],
      ['expires', isAtLeast(1), 'valid queue expiry', true],
      ['initial-cluster-size', isAtLeast(0), 'valid cluster size'],
      ['max-age', isAge, 'valid max age'],
      ['max-in-memory-bytes', isAtLeast(0), 'valid maximum memory in bytes', true],
      ['max-in-memory-length', isAtLeast(0), 'valid maximum memory in bytes', true],
      ['max-length', isAtLeast(0), 'valid maximum length', true],
      ['max-length-bytes', isAtLeast(0), 'valid maximum length in bytes', true],
      ['message-ttl', isAtLeast(0), 'valid message TTL', true],
      [
        'overflow',
        isOneOf('drop-head', 'reject-publish', 'reject-publish-dlx'),
        'valid overflow value',
        true,
      ],
      ['queue-leader-locator', isOneOf(...LOCATORS.slice(0, 4)), 'valid queue leader locator value'],
      ['queue-master-locator', isOneOf(...LOCATORS), 'valid master locator', true],
      ['queue-mode', isOneOf('default', 'lazy'), 'valid queue-mode value'],
      ['queue-version', isOneOf(1, 2), 'valid queue-version value', true],
      ['stream-max-segment-size-bytes', isAtLeast(0), 'valid segment size'],
      ['target-group-size', isAtLeast(1), 'valid qq target count value', true],
    ] as const
  ).map(([name, isValid, what, operator]) => [name, { isValid, what, operator: operator ?? false }]),
);

/**
 * Checks a policy.
 *
 * @throws PolicyError with all that is wrong with it
 */
export function validPolicy(kind: PolicyKind, name: string, candidate: PolicyCandidate): Policy {
  const { pattern, definition, priority = 0, 'apply-to': applyTo = 'all' } = candidate;
  const faults = [
    definitionFault(kind, definition),
    APPLY_TO.includes(applyTo as ApplyTo) ? undefined : applyToFault(applyTo),
    patternFaultOf(pattern),
    typeof priority === 'number' ? undefined : `priority should be a number, actually was ${show(priority)}`,
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new PolicyError(faults);
  return {
    name,
    pattern: pattern as string,
    applyTo: applyTo as ApplyTo,
    priority: priority as number,
    definition: definition as PolicyDefinition,
  };
}

function definitionFault(kind: PolicyKind, definition: unknown): string | undefined {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    return `definition must be a dictionary: ${show(definition)}`;
  }
  const terms = termsOf(definition);
  if (terms.length === 0) return 'no policy provided';
  const unknown: [name: string, value: unknown][] = [];
  for (const [name, value] of terms) {
    const key = POLICY_KEYS.get(name);
    if (key === undefined || (kind === 'operator-policy' && !key.operator)) unknown.push([name, value]);
    else if (!key.isValid(value)) return `${show(value)} is not a ${key.what}`;
  }
  if (unknown.length === 0) return undefined;
  const shown = unknown.map(([name, value]) => `{${show(name)},${show(value)}}`);
  return `[${shown.join(',')}] are not recognised policy settings`;
}

function applyToFault(applyTo: unknown): string {
  const shown = typeof applyTo === 'string' ? applyTo : show(applyTo);
  // The two spaces are RabbitMQ's.
  return `apply-to '${shown}' unrecognised; should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'`;
}

function patternFaultOf(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return `pattern should be a binary but was ${show(pattern)}`;
  try {
    new NamePattern(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `pattern should be regular expression but is invalid: ${patternFault(pattern, error)}`;
  }
}

/** By their names, as Erlang has the terms of a map. */
function termsOf(map: object): [name: string, value: unknown][] {
  return Object.entries(map).sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

/** A value of JSON in Erlang's notation, on one line however long it is. */
function show(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(showBinary(Buffer.from(value)), 'latin1').toString();
  if (Array.isArray(value)) {
    const text = value.length > 0 && value.every((item) => isInteger(item) && item >= 32 && item < 127);
    if (text) return JSON.stringify(String.fromCharCode(...value));
    return `[${value.map(show).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  return `#{${termsOf(value)
    .map(([name, one]) => `${show(name)} => ${show(one)}`)
    .join(',')}}`;
}
