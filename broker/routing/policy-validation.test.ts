// What RabbitMQ 3.10 says as well is compared with it in test/interop/policies.
import { expect, test } from 'vitest';
import type { PolicyKind } from './policy.js';
import { type PolicyCandidate, validPolicy } from './policy-validation.js';

function refusal(candidate: Partial<PolicyCandidate>, kind: PolicyKind = 'policy'): string | undefined {
  try {
    validPolicy(kind, 'p', { pattern: '.*', definition: { 'max-length': 1 }, ...candidate });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function reason(fault: string): string {
  return `Validation failed\n\n${fault}\n`;
}

test('a policy applies to whatever matches, with priority 0, unless it says otherwise', () => {
  const definition = { 'max-length': 1 };
  expect(validPolicy('policy', 'p', { pattern: 'a', definition })).toEqual({
    name: 'p',
    pattern: 'a',
    definition,
    applyTo: 'all',
    priority: 0,
  });
});

test('types of queues are applied to, as in RabbitMQ 4', () => {
  for (const applyTo of ['classic_queues', 'quorum_queues', 'streams', 'queues', 'exchanges', 'all']) {
    expect(refusal({ 'apply-to': applyTo })).toBeUndefined();
  }
  const choice = `should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'`;
  expect(refusal({ 'apply-to': 'bindings' })).toBe(reason(`apply-to 'bindings' unrecognised; ${choice}`));
  expect(refusal({ 'apply-to': 5 })).toBe(reason(`apply-to '5' unrecognised; ${choice}`));
});

test('keys that RabbitMQ 4 has are known, and those that it has no more are not', () => {
  const known = {
    'consumer-timeout': 0,
    'delivery-limit': -1,
    'max-age': '12h',
    'queue-master-locator': 'balanced',
    'target-group-size': 3,
  };
  for (const [key, value] of Object.entries(known))
    expect(refusal({ definition: { [key]: value } })).toBeUndefined();
  const fault = `[{<<"ha-mode">>,<<"all">>}] are not recognised policy settings`;
  expect(refusal({ definition: { 'ha-mode': 'all' } })).toBe(reason(fault));
  expect(refusal({ definition: JSON.parse('{"__proto__":1}') })).toBe(
    reason('[{<<"__proto__">>,1}] are not recognised policy settings'),
  );
});

test('values are told to be wrong as in RabbitMQ 4', () => {
  const faults: readonly [string, unknown, string][] = [
    ['consumer-timeout', -1, '-1 is not a valid consumer timeout'],
    ['delivery-limit', 'many', '<<"many">> is not a valid delivery limit'],
    ['max-age', '1 day', '<<"1 day">> is not a valid max age'],
    ['queue-master-locator', 'here', '<<"here">> is not a valid master locator'],
    ['target-group-size', 0, '0 is not a valid qq target count value'],
  ];
  for (const [key, value, fault] of faults)
    expect(refusal({ definition: { [key]: value } })).toBe(reason(fault));
});

test('a definition that is no object is refused, where RabbitMQ fails', () => {
  expect(refusal({ definition: [] })).toBe(reason('definition must be a dictionary: []'));
  expect(refusal({ definition: null })).toBe(reason('definition must be a dictionary: null'));
  expect(refusal({ definition: 'a' })).toBe(reason('definition must be a dictionary: <<"a">>'));
});

test('an operator policy has the keys of RabbitMQ 4', () => {
  const keys = {
    expires: 1,
    'message-ttl': 0,
    'max-length': 0,
    'max-length-bytes': 0,
    'max-in-memory-length': 0,
    'max-in-memory-bytes': 0,
    'delivery-limit': 0,
    overflow: 'drop-head',
    'queue-version': 2,
    'queue-master-locator': 'balanced',
    'target-group-size': 1,
  };
  for (const [key, value] of Object.entries(keys)) {
    expect(refusal({ definition: { [key]: value } }, 'operator-policy')).toBeUndefined();
  }
  expect(refusal({ definition: { ...keys, 'consumer-timeout': 1 } }, 'operator-policy')).toBe(
    reason('[{<<"consumer-timeout">>,1}] are not recognised policy settings'),
  );
});

test('all faults are told, from the definition to the priority', () => {
  expect(refusal({ definition: {}, 'apply-to': 'all', pattern: '(', priority: 'high' })).toBe(
    reason(
      [
        'no policy provided',
        'pattern should be regular expression but is invalid: {"missing )",1}',
        'priority should be a number, actually was <<"high">>',
      ].join('\n'),
    ),
  );
});
