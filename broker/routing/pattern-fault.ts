/** What is wrong with a regular expression, as PCRE says it in RabbitMQ's answers. */
import type { PatternError } from './name-pattern.js';

/** What JavaScript says, what PCRE does, and whether PCRE finds out at the end of the expression. */
const FAULTS: readonly (readonly [javaScript: string, pcre: string, atEnd: boolean])[] = [
  ['Unterminated group', 'missing )', true],
  ['Unterminated character class', 'missing terminating ] for character class', true],
  ['\\ at end of pattern', '\\\\ at end of pattern', true],
  ['Nothing to repeat', 'nothing to repeat', false],
  ["Unmatched ')'", 'unmatched parentheses', false],
  ['numbers out of order in {} quantifier', 'numbers out of order in {} quantifier', false],
  ['Range out of order in character class', 'range out of order in character class', false],
];

/** RabbitMQ's texts are broken where they would be longer. */
const LINE_MAX = 78;
const BEFORE = 'pattern should be regular expression but is invalid: '.length;

/** The fault as a pair in Erlang's notation: what, and how many bytes before it are right. */
export function patternFault(pattern: string, error: PatternError): string {
  const said = messageOf(error.cause);
  const fault = FAULTS.find(([javaScript]) => said.endsWith(javaScript));
  const [, text, atEnd] = fault ?? ['', said.slice(said.lastIndexOf(': ') + 2), true];
  const position = Buffer.byteLength(atEnd ? pattern : validPart(pattern, said));
  const pair = `{"${text}",${position}}`;
  if (BEFORE + pair.length <= LINE_MAX) return pair;
  return pair.replace(/,(\d+\})$/, `,\n${' '.repeat(BEFORE + 1)}$1`);
}

/** What stands before the character with which the fault begins. */
function validPart(pattern: string, said: string): string {
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
