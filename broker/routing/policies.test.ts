import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { argumentsOf } from '../../test/support/queue-under-test.js';
import { PageBudget } from '../queue/page-budget.js';
import { FIRST_DEFINITIONS } from '../store/schema.js';
import { MemoryStore } from '../store/store.js';
import { openPolicyTables, type Policies } from './policies.js';
import { APPLY_TO, type Policy, type PolicyTarget } from './policy.js';
import { VirtualHosts } from './virtual-hosts.js';

let virtualHosts: VirtualHosts;

beforeEach(() => {
  const store = new MemoryStore();
  const policies = openPolicyTables(store, FIRST_DEFINITIONS);
  const ids = { nextMessage: 1, nextQueue: 1 };
  virtualHosts = new VirtualHosts({ store, pageBudget: new PageBudget(), ids, policies }, FIRST_DEFINITIONS);
});

function policiesOf(name = '/'): Policies {
  return virtualHosts.get(name)!.policies;
}

const definition = fc
  .record(
    {
      'max-length': fc.nat(50),
      expires: fc.integer({ min: 1, max: 50 }),
      'delivery-limit': fc.integer({ min: -1, max: 9 }),
      'target-group-size': fc.integer({ min: 1, max: 9 }),
      'max-age': fc.constant('1D'),
      overflow: fc.constantFrom('drop-head', 'reject-publish'),
      'queue-mode': fc.constant('lazy'),
      'dead-letter-exchange': fc.constantFrom('x', 'y'),
    },
    { requiredKeys: [] },
  )
  .filter((keys) => Object.keys(keys).length > 0);

const policy = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  pattern: fc.constantFrom('^a', 'b$', 'c', '', '^(?!a)', '^ab$'),
  applyTo: fc.constantFrom(...APPLY_TO),
  priority: fc.integer({ min: -2, max: 2 }),
  definition,
});

const OPERATOR_KEYS = ['max-length', 'expires', 'delivery-limit', 'target-group-size', 'overflow'];
const operatorPolicy = policy
  .map((one) => ({
    ...one,
    definition: Object.fromEntries(
      Object.entries(one.definition).filter(([key]) => OPERATOR_KEYS.includes(key)),
    ),
  }))
  .filter((one) => Object.keys(one.definition).length > 0);

/** RabbitMQ's rules for which keys make a policy not apply. */
function isForeign(target: PolicyTarget, key: string): boolean {
  if (target === 'classic') return ['delivery-limit', 'target-group-size', 'max-age'].includes(key);
  return target === 'quorum' && ['queue-mode', 'max-age'].includes(key);
}

function applies(
  { pattern, applyTo, definition: keys }: Policy,
  target: PolicyTarget,
  name: string,
): boolean {
  const kinds: readonly string[] =
    target === 'exchange' ? ['all', 'exchanges'] : ['all', 'queues', `${target}_queues`];
  const fits = !Object.keys(keys).some((key) => isForeign(target, key));
  return kinds.includes(applyTo) && fits && new RegExp(pattern).test(name);
}

function foremost(all: readonly Policy[], target: PolicyTarget, name: string): Policy | undefined {
  const matching = all.filter((one) => applies(one, target, name));
  const highest = Math.max(...matching.map(({ priority }) => priority));
  return matching
    .filter(({ priority }) => priority === highest)
    .reduce<Policy | undefined>((first, one) => (first && first.name < one.name ? first : one), undefined);
}

function merged(key: string, value: unknown, ofOperator: unknown): unknown {
  if (value === undefined || ofOperator === undefined) return value ?? ofOperator;
  if (key === 'overflow') return ofOperator;
  const [left, right] = [value as number, ofOperator as number];
  if (key === 'target-group-size') return Math.max(left, right);
  if (key === 'delivery-limit' && Math.min(left, right) < 0) return Math.max(left, right);
  return Math.min(left, right);
}

function byName(all: readonly Policy[]): Policy[] {
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

test('of all that match, the policy and the operator policy that go first apply, and are merged', () => {
  const target = fc.constantFrom<PolicyTarget>('exchange', 'classic', 'quorum');
  const name = fc.constantFrom('', 'a', 'ab', 'b', 'abc', 'cab');
  fc.assert(
    fc.property(
      fc.array(policy, { maxLength: 8 }),
      fc.array(operatorPolicy, { maxLength: 8 }),
      target,
      name,
      (put, putByOperator, of, called) => {
        const policies = policiesOf();
        for (const one of put) policies.put('policy', one.name, { ...one, 'apply-to': one.applyTo });
        for (const one of putByOperator) {
          policies.put('operator-policy', one.name, { ...one, 'apply-to': one.applyTo });
        }
        const first = foremost(byName(put), of, called);
        const firstOfOperator = foremost(byName(putByOperator), of, called);
        const shown = policies.of(of, called);
        policies.clear();
        expect([shown.policy, shown.operatorPolicy]).toEqual([first?.name, firstOfOperator?.name]);
        const keys = [first, firstOfOperator].flatMap((one) => Object.keys(one?.definition ?? {}));
        const expected = new Map(
          keys.map((key) => [key, merged(key, first?.definition[key], firstOfOperator?.definition[key])]),
        );
        expect(shown.definition).toEqual(keys.length === 0 ? undefined : Object.fromEntries(expected));
      },
    ),
    { numRuns: 500 },
  );
});

test('policies are of one virtual host, listed by priority, and go with it', () => {
  virtualHosts.put('other', { description: '', tags: [] });
  const limit = { pattern: '.*', definition: { 'max-length': 1 } };
  expect(policiesOf().put('policy', 'b', { ...limit, priority: 1 })).toBe(true);
  policiesOf().put('policy', 'c', limit);
  policiesOf().put('policy', 'a', { ...limit, priority: 1 });
  policiesOf('other').put('policy', 'd', limit);
  expect(policiesOf().put('policy', 'a', { ...limit, priority: -1 })).toBe(false);
  expect(policiesOf().list('policy')).toMatchObject([{ name: 'a' }, { name: 'c' }, { name: 'b' }]);
  expect(policiesOf().list('operator-policy')).toEqual([]);
  expect(policiesOf().get('policy', 'd')).toBeUndefined();
  expect(policiesOf().drop('policy', 'c')).toBe(true);
  expect(policiesOf().drop('policy', 'c')).toBe(false);
  virtualHosts.delete('other');
  virtualHosts.put('other', { description: '', tags: [] });
  expect(policiesOf('other').list('policy')).toEqual([]);
});

test('names that JavaScript uses itself are names like others', () => {
  const limit = { pattern: '^__proto__$', definition: { 'max-length': 1 } };
  policiesOf().put('policy', '__proto__', limit);
  expect(policiesOf().get('policy', '__proto__')).toMatchObject({
    name: '__proto__',
    pattern: '^__proto__$',
  });
  expect(policiesOf().of('classic', '__proto__')).toMatchObject({ policy: '__proto__' });
  expect(policiesOf().get('policy', 'constructor')).toBeUndefined();
});

type Change =
  | { readonly do: 'put'; readonly kind: 'policy' | 'operator-policy'; readonly policy: Policy }
  | { readonly do: 'drop'; readonly kind: 'policy' | 'operator-policy'; readonly name: string };

const change = fc.oneof<fc.Arbitrary<Change>[]>(
  policy.map((one) => ({ do: 'put', kind: 'policy', policy: one })),
  operatorPolicy.map((one) => ({ do: 'put', kind: 'operator-policy', policy: one })),
  fc.record({
    do: fc.constant('drop' as const),
    kind: fc.constantFrom('policy' as const, 'operator-policy' as const),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  }),
);

function declare(name: string, type: 'classic' | 'quorum' = 'classic'): void {
  virtualHosts.get('/')!.declareQueue({
    name,
    serverNamed: false,
    durable: true,
    exclusive: false,
    autoDelete: false,
    args: argumentsOf({ 'x-queue-type': type }),
    connection: {},
  });
}

test('what is there has followed every change as if it had been declared after it', () => {
  for (const name of ['a', 'ab', 'b', 'abc', 'cab']) declare(name);
  for (const name of ['qa', 'qab', 'qb', 'qabc']) declare(name, 'quorum');
  const { queues, exchanges } = virtualHosts.get('/')!;
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const policies = policiesOf();
      for (const one of changes) {
        if (one.do === 'drop') policies.drop(one.kind, one.name);
        else policies.put(one.kind, one.policy.name, { ...one.policy, 'apply-to': one.policy.applyTo });
      }
      for (const { name, type, policies: applied } of queues.values()) {
        expect(applied).toEqual(policies.of(type, name));
      }
      for (const { name, policies: applied } of exchanges.byName.values()) {
        expect(applied).toEqual(policies.of('exchange', name));
      }
      for (const kind of ['policy', 'operator-policy'] as const) {
        for (const { name } of policies.list(kind)) policies.drop(kind, name);
      }
    }),
  );
});

test('many queues follow some at a time, in the end what was said last', async () => {
  for (let index = 0; index < 2_500; index++) declare(`many.${index}`);
  const { queues } = virtualHosts.get('/')!;
  const following = (name: string): number =>
    [...queues.values()].filter(({ policies: { policy: applied } }) => applied === name).length;
  policiesOf().put('policy', 'first', { pattern: '^many', definition: { 'max-length': 1 } });
  expect(following('first')).toBeLessThanOrEqual(1_000);
  policiesOf().put('policy', 'second', { pattern: '[05]$', definition: { 'max-length': 2 }, priority: 1 });
  while (following('first') + following('second') < 2_500) await new Promise(setImmediate);
  expect([following('first'), following('second')]).toEqual([2_000, 500]);
  expect(
    [...queues.values()].every(
      ({ policies, settings }) => settings.lengthMax === policies.definition!['max-length'],
    ),
  ).toBe(true);
});
