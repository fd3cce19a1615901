import { expect, test } from 'vitest';
import { argumentsOf, QueueUnderTest } from '../../test/support/queue-under-test.js';
import { buildImage } from '../protocol/content-assembler.js';
import { EMPTY_TABLE, type FieldTable, longString, textOf } from '../protocol/field-table.js';
import type { Properties } from '../protocol/properties.js';
import { Message } from '../store/message.js';
import { buryMessage, type DeadLetter, encodeHeader, isCycle, propertiesOf } from './dead-letter.js';
import type { Queue } from './queue.js';
import type { DeathReason } from './queue-host.js';

const { queue } = new QueueUnderTest(argumentsOf({ 'x-dead-letter-exchange': 'dlx' }));

function named(name: string): Queue {
  return Object.create(queue, { name: { value: name } }) as Queue;
}

function message(properties: Properties, died: boolean): Message {
  const header = encodeHeader(properties, 0);
  const trail = { died, blindKeys: [] };
  const address = { exchange: 'x', routingKey: 'key', encoded: Buffer.alloc(0), trail };
  return new Message(1, address, buildImage(header, Buffer.alloc(0)), 0, header.length, 0);
}

function die(headers: FieldTable, died: boolean, name: string, reason: DeathReason): DeadLetter {
  return buryMessage(message({ headers }, died), named(name), reason);
}

function deathsOf(letter: DeadLetter): [queue: string, reason: string, count: number][] {
  return letter.deaths.map((death) => [
    textOf(death.get('queue'))!,
    textOf(death.get('reason'))!,
    Number(death.get('count')?.value),
  ]);
}

test('deaths are ordered by recency, and the first and the last are told by themselves', () => {
  let letter = die(EMPTY_TABLE, false, 'a', 'rejected');
  letter = die(letter.headers, true, 'b', 'rejected');
  letter = die(letter.headers, true, 'a', 'expired');
  expect(deathsOf(letter)).toEqual([
    ['a', 'expired', 1],
    ['b', 'rejected', 1],
    ['a', 'rejected', 1],
  ]);
  letter = die(letter.headers, true, 'b', 'rejected');
  expect(deathsOf(letter)).toEqual([
    ['b', 'rejected', 2],
    ['a', 'expired', 1],
    ['a', 'rejected', 1],
  ]);
  const told = ['first', 'last'].map((position) =>
    ['queue', 'reason', 'exchange'].map((what) => textOf(letter.headers.get(`x-${position}-death-${what}`))),
  );
  expect(told).toEqual([
    ['a', 'rejected', 'x'],
    ['b', 'rejected', 'x'],
  ]);
});

test('a history that a client wrote begins anew', () => {
  const own = die(EMPTY_TABLE, false, 'a', 'rejected').headers;
  const headers = new Map([...own, ['mine', longString('kept')] as const]);
  const letter = die(headers, false, 'a', 'rejected');
  expect(deathsOf(letter)).toEqual([['a', 'rejected', 1]]);
  expect(textOf(letter.headers.get('mine'))).toBe('kept');
});

test('a history of a client that is no history begins anew as well', () => {
  const texts: FieldTable = new Map([
    ['x-death', { type: 'array', value: [longString('none'), longString('a')] }],
    ['x-first-death-queue', longString('elsewhere')],
  ]);
  for (const headers of [texts, new Map([['x-death', longString('none')]])]) {
    const letter = die(headers, false, 'a', 'expired');
    expect(deathsOf(letter)).toEqual([['a', 'expired', 1]]);
    expect(textOf(letter.headers.get('x-first-death-queue'))).toBe('a');
    expect(isCycle(named('a'), letter.deaths)).toBe(true);
  }
});

test('a message goes round three queues as long as it is rejected in one of them', () => {
  const round: [name: string, reason: DeathReason, next: string][] = [
    ['a', 'rejected', 'b'],
    ['b', 'expired', 'c'],
    ['c', 'maxlen', 'a'],
  ];
  let headers = EMPTY_TABLE;
  for (let count = 1; count <= 3; count += 1) {
    for (const [name, reason, next] of round) {
      const letter = die(headers, headers.size > 0, name, reason);
      expect(deathsOf(letter)[0]).toEqual([name, reason, count]);
      expect(isCycle(named(next), letter.deaths)).toBe(false);
      ({ headers } = letter);
    }
  }
  // Nobody has rejected it since it was last in b.
  const expired = die(headers, true, 'b', 'expired');
  expect(isCycle(named('c'), expired.deaths)).toBe(true);
});

test('a dead letter is as persistent as its publisher asked for, and keeps the other properties', () => {
  const { clock } = queue;
  for (const deliveryMode of [1, 2]) {
    const properties = { deliveryMode, timestamp: 7, messageId: 'm', expiration: '5' };
    const letter = buryMessage(message(properties, false), queue, 'expired');
    expect(letter.persistent).toBe(deliveryMode === 2);
    const { headers, ...rest } = propertiesOf(
      new Message(2, message({}, true).address, letter.header, 0, letter.header.length, 0),
    );
    expect(rest).toEqual({ deliveryMode, timestamp: 7, messageId: 'm' });
    expect(headers?.size).toBe(7);
    expect(textOf(letter.deaths[0]!.get('original-expiration'))).toBe('5');
    expect(letter.deaths[0]!.get('time')?.value).toBe(BigInt(Math.floor(clock.now() / 1000)));
  }
});
