/** What is wrong with a regular expression, as PCRE says it in RabbitMQ's answers. */
import type { PatternError } from './name-pattern.js';

/** Where PCRE finds out. */
type Place = 'at the end' | 'before it' | 'in a class name';

/** What JavaScript says, what PCRE does, and where. */
const FAULTS: readonly (readonly [javaScript: string, pcre: string, place: Place])[] = [
  ['Unterminated group', 'missing )', 'at the end'],
  ['Unterminated character class', 'missing terminating ] for character class', 'at the end'],
  ['\\ at end of pattern', '\\\\ at end of pattern', 'at the end'],
  ['Nothing to repeat', 'nothing to repeat', 'before it'],
  ["Unmatched ')'", 'unmatched parentheses', 'before it'],
  ['numbers out of order in {} quantifier', 'numbers out of order in {} quantifier', 'before it'],
  ['Range out of order in character class', 'range out of order in character class', 'before it'],
  ['unknown POSIX class name', 'unknown POSIX class name', 'in a class name'],
];

/** RabbitMQ's texts are broken where they would be longer. */
const LINE_MAX = 78;
const BEFORE = 'pattern should be regular expression but is invalid: '.length;

/** The fault as a pair in Erlang's notation: what, and how many bytes before it are right. */
export function patternFault(pattern: string, error: PatternError): string {
  const said = messageOf(error.cause);
  const fault = FAULTS.find(([javaScript]) => said.endsWith(javaScript));
  const [, text, place] = fault ?? ['', said.slice(said.lastIndexOf(': ') + 2), 'at the end'];
  const position = Buffer.byteLength(validPart(pattern, said, place));
  const pair = `{"${text}",${position}}`;
  if (BEFORE + pair.length <= LINE_MAX) return pair;
  return pair.replace(/,(\d+\})$/, `,\n${' '.repeat(BEFORE + 1)}$1`);
}

/** What stands before the fault. */
function validPart(pattern: string, said: string, place: Place): string {
  if (place === 'at the end') return pattern;
  if (place === 'in a class name') return pattern.slice(0, pattern.indexOf('[:') + 2);
  const fault = said.slice(said.lastIndexOf(': '));
  for (let length = 1; length < pattern.length; length++) {
    try {
      new RegExp(pattern.slice(0, length));
    } catch (error) {
      if (messageOf(error).endsWith(fault)) return pattern.slice(0, length - 1);
    }
  }
  return pattern.slice(0, -1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
