/** Makes a record of the lines of one event: JSON is taken as fields, all else as the message. */

import { hostname } from 'node:os';
import { isObject } from '../fields/nesting.js';
import { type FieldsOrigin, recordFromFields } from '../fields/record-from-fields.js';
import { levelOfWord } from '../level.js';
import type { Level, LogRecord } from '../record.js';
import { timestampOf } from '../timestamp.js';
import type { LineGroup } from './line-group.js';

/** How far into a line its level and time are looked for. */
const PREFIX_LENGTH = 120;
const LEVEL_WORDS =
  'trace|debug|info|information|notice|warn|warning|error|err|severe|fatal|critical|crit|alert|emerg|panic';
/** A level word in capitals; or in any case, but at the start or in a place where levels stand. */
const CAPITAL_LEVEL = new RegExp(`(?:^|[^\\w-])(${LEVEL_WORDS.toUpperCase()})(?![\\w-])`);
const MARKED_LEVEL = new RegExp(
  `(?:^|[[<(|]\\s*|\\b(?:level|lvl|severity)["']?\\s*[=:]\\s*["']?)(${LEVEL_WORDS})\\b(?=\\s*[\\]>)|:"']|\\s|$)`,
  'i',
);
const LEADING_TIME =
  /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\s?(?:Z|[+-]\d\d:?\d\d)?)(?![\d:])/;
const STACK_TRACE = /^\s+at |^\s+File "|^Traceback |^Caused by: |^goroutine \d+ /m;

/** Where lines come from. */
export interface LinesOrigin {
  readonly service: LogRecord['service'];
  readonly hostname: string;
}

/** What is known of an agent's lines before they are read. */
export function linesOrigin(agent: { service: string; environment?: string }): LinesOrigin {
  const { service: name, environment } = agent;
  return {
    service: environment === undefined ? { name } : { name, environment },
    hostname: hostname(),
  };
}

/**
 * Makes the record of one event.
 *
 * @param id the record's `event.id`
 */
export function recordFromLines(group: LineGroup, origin: LinesOrigin, id: string): LogRecord {
  const [first] = group.lines;
  const firstText = first?.text ?? '';
  const fields = group.lines.length === 1 ? parseObject(firstText) : undefined;
  const fieldsOrigin: FieldsOrigin = { ...origin, messageKey: 'msg', errorKey: 'err' };
  const record =
    fields === undefined
      ? recordFromText(group, firstText, origin, id)
      : recordFromFields(fields, fieldsOrigin, id);
  const flags = [
    ...(group.lines.some((line) => line.isCut) ? ['truncated'] : []),
    ...(group.isSplit ? ['split'] : []),
  ];
  if (flags.length > 0) record.log.flags = flags;
  return record;
}

function recordFromText(group: LineGroup, firstText: string, origin: LinesOrigin, id: string): LogRecord {
  const record: LogRecord = {
    '@timestamp': leadingTime(firstText) ?? new Date().toISOString(),
    message: firstText,
    log: { level: levelOfText(firstText) },
    service: { ...origin.service },
    event: { id },
    host: { hostname: origin.hostname },
  };
  if (group.lines.length > 1) {
    const rest = group.lines
      .slice(1)
      .map((line) => line.text)
      .join('\n');
    if (STACK_TRACE.test(rest)) record.error = { stack_trace: rest };
    else record.message = `${firstText}\n${rest}`;
  }
  return record;
}

/** The level that a line of text names near its start, otherwise `info`. */
export function levelOfText(text: string): Level {
  const prefix = text.slice(0, PREFIX_LENGTH);
  const word = (CAPITAL_LEVEL.exec(prefix) ?? MARKED_LEVEL.exec(prefix))?.[1];
  return (word === undefined ? undefined : levelOfWord(word)) ?? 'info';
}

function leadingTime(text: string): string | undefined {
  const match = LEADING_TIME.exec(text.slice(0, PREFIX_LENGTH))?.[1];
  return match === undefined ? undefined : timestampOf(match.trim());
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // A line that merely looks like JSON is a message.
    return undefined;
  }
}
