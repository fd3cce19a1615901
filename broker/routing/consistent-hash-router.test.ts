import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_TABLE, type FieldValue, longString } from '../protocol/field-table.js';
import { Message } from '../store/message.js';
import type { Binding, Destination } from './binding.js';
import { ConsistentHashRouter } from './consistent-hash-router.js';
import { erlangHash } from './erlang-hash.js';
import { jumpHash } from './jump-hash.js';
import { RoutedMessage } from './routed-message.js';

function bind(name: string, weight: number): Binding {
  const destination = { name } as unknown as Destination;
  return {
    destination,
    routingKey: String(weight),
    args: EMPTY_TABLE,
    encodedArgs: '',
  } as unknown as Binding;
}

function destinationOf(router: ConsistentHashRouter, key: string): string | undefined {
  const found = new Set<Destination>();
  const address = { exchange: 'x', routingKey: key, encoded: Buffer.alloc(0) };
  router.match(new RoutedMessage(new Message(1, address, undefined, 0, 0, 0), [key]), found);
  return [...found][0]?.name;
}

const names = ['a', 'b', 'c', 'd', 'e'];
const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
const keys = fc.array(fc.string(), { minLength: 1, maxLength: 50 });

test('when a queue is bound, keys only move to it, and when it goes, only its own move', () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 20 }), keys, (bound, added, some) => {
      const router = new ConsistentHashRouter(EMPTY_TABLE);
      for (const [index, weight] of bound.entries()) router.add(bind(names[index] as string, weight));
      const before = some.map((key) => destinationOf(router, key));
      const last = bind('new', added);
      router.add(last);
      for (const [index, key] of some.entries()) {
        expect(['new', before[index]]).toContain(destinationOf(router, key));
      }
      router.remove(last);
      expect(some.map((key) => destinationOf(router, key))).toEqual(before);
    }),
  );
});

test('keys are spread by the weights of the bindings', () => {
  const router = new ConsistentHashRouter(EMPTY_TABLE);
  for (const [name, weight] of [
    ['a', 10],
    ['b', 30],
    ['c', 60],
  ] as const)
    router.add(bind(name, weight));
  const counts = new Map<string | undefined, number>();
  for (let key = 0; key < 10_000; key++) {
    const name = destinationOf(router, `order ${key}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, share] of [
    ['a', 1000],
    ['b', 3000],
    ['c', 6000],
  ] as const) {
    expect(Math.abs((counts.get(name) as number) - share)).toBeLessThan(300);
  }
});

test('values hash as Erlang’s phash2 has them', () => {
  const long = (value: bigint): FieldValue => ({ type: 'long', value });
  const nested: FieldValue = {
    type: 'table',
    value: new Map<string, FieldValue>([
      ['a', longString('b')],
      ['c', { type: 'signedint', value: 3 }],
    ]),
  };
  const known: [Buffer | FieldValue | undefined, number][] = [
    [Buffer.alloc(0), 13_708_901],
    [Buffer.from('hello world, this'), 72_250_075],
    [undefined, 45_914_356],
    [longString('a'), 65_711_459],
    [{ type: 'signedint', value: -5 }, 39_932_925],
    [{ type: 'signedint', value: 134_217_728 }, 127_254_635],
    [long(-(1n << 63n)), 112_631_110],
    [{ type: 'bool', value: true }, 32_030_443],
    [{ type: 'double', value: -0 }, 28_702_447],
    [{ type: 'decimal', value: { scale: 2, unscaled: 314 } }, 113_508_173],
    [{ type: 'array', value: [] }, 86_211_673],
    [nested, 962_628],
  ];
  for (const [value, hash] of known) expect(erlangHash(value)).toBe(hash);
});

test('a key jumps to the bucket that RabbitMQ’s draws lead to', () => {
  const known: [key: number, buckets: number, bucket: number][] = [
    [0, 7, 4],
    [0, 100, 47],
    [0, 1000000, 892565],
    [5, 7, 4],
    [5, 100, 65],
    [5, 1000000, 606527],
    [12345, 7, 0],
    [12345, 100, 61],
    [12345, 1000000, 718588],
    [134217727, 7, 6],
    [134217727, 100, 74],
    [134217727, 1000000, 588834],
    [2097151, 7, 6],
    [2097151, 100, 74],
    [2097151, 1000000, 588834],
  ];
  for (const [key, buckets, bucket] of known) expect(jumpHash(key, buckets)).toBe(bucket);
});
