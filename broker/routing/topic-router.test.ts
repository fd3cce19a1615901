import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_TABLE } from '../protocol/field-table.js';
import type { Binding, Destination } from './binding.js';
import { TopicRouter } from './topic-router.js';

function words(key: string): string[] {
  return key === '' ? [] : key.split('.');
}

/** The definition, word by word, with no care for cost. */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === '#') return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)));
  return key.length > 0 && (first === '*' || first === key[0]) && matches(rest, key.slice(1));
}

const word = fc.constantFrom('a', 'b', 'c', '');
const pattern = fc
  .array(fc.oneof(word, fc.constantFrom('*', '#')), { maxLength: 5 })
  .map((one) => one.join('.'));
const key = fc.array(word, { maxLength: 6 }).map((one) => one.join('.'));

function bindingTo(index: number, routingKey: string): Binding {
  const destination = { index } as unknown as Destination;
  return { destination, routingKey, args: EMPTY_TABLE, encodedArgs: '' } as unknown as Binding;
}

test('the topic trie finds what a matcher that tries every binding finds, also after some are removed', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 12 }),
      fc.array(key, { maxLength: 8 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      (patterns, keys, removed) => {
        const router = new TopicRouter();
        const bindings = patterns.map((one, index) => bindingTo(index, one));
        for (const binding of bindings) router.add(binding);
        const left = bindings.filter((binding, index) => {
          if (removed[index]) router.remove(binding);
          return !removed[index];
        });
        for (const one of keys) {
          const found = new Set<Destination>();
          router.match([one], found);
          const expected = left.filter((binding) => matches(words(binding.routingKey), words(one)));
          expect(found).toEqual(new Set(expected.map((binding) => binding.destination)));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a key of many words against many hashes stays cheap', () => {
  const router = new TopicRouter();
  for (let index = 0; index < 200; index++) router.add(bindingTo(index, '#.a.#.b.#.c.#'));
  const found = new Set<Destination>();
  const started = performance.now();
  router.match([new Array(120).fill('a').join('.')], found);
  expect(found.size).toBe(0);
  expect(performance.now() - started).toBeLessThan(1000);
});
