/**
 * Arguments, definitions and limits as they are typed: `max-length=10000 overflow=drop-head`, or one JSON
 * object as for `rabbitmqctl`.
 */
import { UsageError } from '../failure.js';

/** @throws UsageError when it is neither */
export function definitionFrom(words: readonly string[], place: string): Record<string, unknown> {
  const [only] = words;
  if (words.length === 1 && only?.trimStart().startsWith('{')) return objectFrom(only, place);
  return Object.fromEntries(words.map((word) => pairFrom(word, place)));
}

/** `key=value`; the value is JSON where it is, and text otherwise. */
export function pairFrom(word: string, place: string): [string, unknown] {
  const [key, value] = textPairFrom(word, place);
  return [key, valueFrom(value)];
}

/** `key=value`, the value as it is. */
export function textPairFrom(word: string, place: string): [string, string] {
  const end = word.indexOf('=');
  if (end < 1) throw new UsageError(`${place}: must be key=value, such as max-length=1000`);
  return [word.slice(0, end), word.slice(end + 1)];
}

/** JSON where it is, and text otherwise. */
export function valueFrom(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function objectFrom(text: string, place: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${place}: is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A whole number from a flag. */
export function wholeNumberFrom(text: string, place: string, from: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < from || !Number.isSafeInteger(number)) {
    throw new UsageError(`${place}: must be a whole number from ${from} on`);
  }
  return number;
}
