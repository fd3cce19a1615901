/** Levels as people write them, brought to the six that the pipeline knows. */

/** The levels that have a colour of their own, from the most to the least severe; `none` is all else. */
const LEVEL_KINDS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'] as const;

/** One of {@link LEVEL_KINDS}. */
export type LevelKind = (typeof LEVEL_KINDS)[number];

const SYNONYMS: Readonly<Record<string, LevelKind>> = {
  emerg: 'fatal',
  emergency: 'fatal',
  alert: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  panic: 'fatal',
  severe: 'error',
  err: 'error',
  warning: 'warn',
  notice: 'info',
  information: 'info',
  informational: 'info',
  verbose: 'debug',
  fine: 'debug',
  finest: 'trace',
};

/** The kind that a stored level is shown as. */
export function levelKind(level: string | null): LevelKind {
  const word = (level ?? '').trim().toLowerCase();
  if ((LEVEL_KINDS as readonly string[]).includes(word)) return word as LevelKind;
  return SYNONYMS[word] ?? 'none';
}

/** Orders stored levels from the most to the least severe. */
export function bySeverity(a: string, b: string): number {
  return LEVEL_KINDS.indexOf(levelKind(a)) - LEVEL_KINDS.indexOf(levelKind(b)) || a.localeCompare(b);
}
