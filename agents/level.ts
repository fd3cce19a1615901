/** The levels of other people's logs, by number and by word, as one of the six of a record. */
import type { Level } from './record.js';

const WORDS: ReadonlyMap<string, Level> = new Map([
  ...words('trace', 'trace', 'verbose', 'silly', 'finest', 'finer'),
  ...words('debug', 'debug', 'fine', 'config', 'dbg'),
  ...words('info', 'info', 'information', 'informational', 'notice', 'log', 'http'),
  ...words('warn', 'warn', 'warning'),
  ...words('error', 'error', 'err', 'severe'),
  ...words('fatal', 'fatal', 'critical', 'crit', 'alert', 'emerg', 'emergency', 'panic'),
]);

function words(level: Level, ...names: string[]): [string, Level][] {
  return names.map((name) => [name, level]);
}

/** The standard level at or below a number in pino's and bunyan's scale (trace 10 … fatal 60). */
export function levelOfNumber(value: number): Level {
  if (value >= 60) return 'fatal';
  if (value >= 50) return 'error';
  if (value >= 40) return 'warn';
  if (value >= 30) return 'info';
  return value >= 20 ? 'debug' : 'trace';
}

/** The level a word stands for, in any case, or `undefined`. */
export function levelOfWord(word: string): Level | undefined {
  return WORDS.get(word) ?? WORDS.get(word.toLowerCase());
}
