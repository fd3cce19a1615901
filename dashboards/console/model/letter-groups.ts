/** Groups dead letters by their cause, so that one mistake that hit 5,000 records is one line. */
import type { LetterRow } from './api.js';

/** Letters with the same cause. */
export interface LetterGroup {
  key: string;
  reason: string;
  /** The error without what differs from letter to letter. */
  cause: string;
  letters: LetterRow[];
  services: string[];
  firstAt: string | null;
  lastAt: string | null;
}

/** An error without ids, values and positions. */
export function errorCause(error: string | null): string {
  if (error === null || error === '') return 'No error was given';
  return error
    .replace(/\[\d+:\d+\]\s*/g, '')
    .replace(/\s*in document with id '[^']*'/g, '')
    .replace(/\.?\s*Preview of field's value: .*$/s, '')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
    .trim();
}

/** The groups, the largest first; letters keep their order. */
export function letterGroups(letters: readonly LetterRow[]): LetterGroup[] {
  const groups = new Map<string, LetterGroup>();
  for (const letter of letters) {
    const cause = errorCause(letter.error);
    const key = `${letter.reason} ${cause}`;
    let group = groups.get(key);
    if (!group) {
      group = { key, reason: letter.reason, cause, letters: [], services: [], firstAt: null, lastAt: null };
      groups.set(key, group);
    }
    group.letters.push(letter);
    if (letter.service !== null && !group.services.includes(letter.service))
      group.services.push(letter.service);
    const at = letter.failedAt;
    if (at !== null && (group.firstAt === null || at < group.firstAt)) group.firstAt = at;
    if (at !== null && (group.lastAt === null || at > group.lastAt)) group.lastAt = at;
  }
  return [...groups.values()].sort((a, b) => b.letters.length - a.letters.length);
}
