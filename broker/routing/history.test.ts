import { expect, test } from 'vitest';
import { buildImage } from '../protocol/content-assembler.js';
import { Message } from '../store/message.js';
import { HISTORY_BYTES_MAX, History } from './history.js';
import { RoutedMessage } from './routed-message.js';

const address = { exchange: 'x', routingKey: 'k', encoded: Buffer.alloc(0) };
const header = Buffer.alloc(14);

function message(id: number, bodyBytes: number): RoutedMessage {
  const image = buildImage(header, Buffer.alloc(bodyBytes, id));
  return new RoutedMessage(new Message(id, address, image, 0, header.length, bodyBytes), ['k']);
}

function firstBodyBytes(history: History): number[] {
  return history.messages().map(({ message: { buffer } }) => (buffer as Buffer).at(-1) as number);
}

test('the newest messages are kept, oldest first', () => {
  const history = new History(3);
  for (let id = 1; id <= 10; id++) history.keep(message(id, 1));
  expect(firstBodyBytes(history)).toEqual([8, 9, 10]);
});

test('the oldest are let go when all together are too large, and what alone is too large is not kept', () => {
  const history = new History(100);
  for (let id = 1; id <= 5; id++) history.keep(message(id, HISTORY_BYTES_MAX / 4));
  expect(firstBodyBytes(history)).toEqual([3, 4, 5]);
  history.keep(message(6, HISTORY_BYTES_MAX));
  expect(firstBodyBytes(history)).toEqual([]);
  history.keep(message(7, 1));
  expect(firstBodyBytes(history)).toEqual([7]);
});
