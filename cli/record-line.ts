/**
 * One record as one line for a terminal: time, level, service, message.
 */
import { styleText } from 'node:util';
import { valueAt } from './configuration/settings.js';

/** Colours by level; a level that is none of these stays plain. */
const COLOURS: Record<string, Parameters<typeof styleText>[0]> = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'magenta',
};

/** Control characters other than tab and line feed could steer the reader's terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text from a log, safe to print: control characters are shown as `\xNN`. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Formats a record, or whatever else was in a document; in colour when standard output has it. */
export function recordLine(source: unknown): string {
  const time = text(source, '@timestamp') ?? '-';
  const level = text(source, 'log', 'level') ?? '-';
  const service = text(source, 'service', 'name') ?? '-';
  const message = text(source, 'message') ?? printable(JSON.stringify(source));
  const colour = COLOURS[level];
  const shown = level.toUpperCase().padEnd(5);
  const coloured = colour && process.stdout.hasColors?.() ? styleText(colour, shown) : shown;
  const stack = text(source, 'error', 'stack_trace');
  const line = `${time} ${coloured} ${service} ${message}`;
  return stack === undefined ? line : `${line}\n${stack.replace(/^/gm, '    ')}`;
}

/** The text at a path, made safe to print. */
function text(root: unknown, ...path: string[]): string | undefined {
  const value = valueAt(root, path);
  return typeof value === 'string' ? printable(value) : undefined;
}
