/** The types of settings' values, which come from the file as they are and from variables and flags as text. */
import { z } from 'zod';

/** Text from a variable or a flag, or a number from the file, as a whole number. */
export function wholeNumber(from: number, to: number) {
  const number = z
    .int(`must be a whole number from ${from} to ${to}`)
    .min(from, `must be a whole number from ${from} to ${to}`)
    .max(to, `must be a whole number from ${from} to ${to}`);
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value),
    number,
  );
}

/** Yes or no, also as the text of a variable or a flag. */
export function yesOrNo(byDefault: boolean) {
  const answers = new Map<unknown, boolean>([
    ['true', true],
    ['false', false],
  ]);
  return z.preprocess(
    (value) => answers.get(value) ?? value,
    z.boolean({ error: 'must be true or false' }).default(byDefault),
  );
}

/** One of some words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}
