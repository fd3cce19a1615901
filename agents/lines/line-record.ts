/** Makes a record of the lines of one event, and of the fields of its first line where it has any. */

import { hostname } from 'node:os';
import { type FieldsOrigin, recordFromFields } from '../fields/record-from-fields.js';
import { levelOfWord } from '../level.js';
import type { Level, LogRecord } from '../record.js';
import type { TimeZone } from '../time-zone.js';
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
  /^\[?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\s?(?:Z|[+-]\d\d:?\d\d)?)(?![\d:])/;
const STACK_TRACE = /^\s+at |^\s+File "|^Traceback |^Caused by: |^goroutine \d+ /m;

/** Where lines come from. */
export interface LinesOrigin {
  readonly service: LogRecord['service'];
  readonly hostname: string;
  /** The zone of times that name none. Default that of this machine. */
  readonly zone?: TimeZone;
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
 * @param fields those of its first line, which is then not a message by itself
 * @param id the record's `event.id`
 */
export function recordFromLines(
  group: LineGroup,
  fields: Readonly<Record<string, unknown>> | undefined,
  origin: LinesOrigin,
  id: string,
): LogRecord {
  const { text = '', time, stream } = group.lines[0] ?? {};
  const record =
    fields === undefined
      ? recordFromText(text, time, origin, id)
      : recordOfFields(text, fields, { ...origin, ...(time && { time }) }, id);
  addRest(record, group);
  if (stream !== undefined) record['stream'] ??= stream;
  const flags = [
    ...(group.lines.some((line) => line.isCut) ? ['truncated'] : []),
    ...(group.lines.some((line) => line.isReplaced) ? ['replaced'] : []),
    ...(group.isSplit ? ['split'] : []),
  ];
  if (flags.length > 0) record.log.flags = flags;
  return record;
}

function recordOfFields(
  text: string,
  fields: Readonly<Record<string, unknown>>,
  origin: LinesOrigin & { time?: string },
  id: string,
): LogRecord {
  const fieldsOrigin: FieldsOrigin = { ...origin, messageKey: 'msg', errorKey: 'err' };
  const record = recordFromFields(fields, fieldsOrigin, id);
  // A line of JSON has said all; of another format, such as an access log, the line is its own message.
  if (record.message === '' && !text.startsWith('{')) record.message = text;
  return record;
}

function recordFromText(text: string, time: string | undefined, origin: LinesOrigin, id: string): LogRecord {
  return {
    '@timestamp': leadingTime(text, origin.zone) ?? time ?? new Date().toISOString(),
    message: text,
    log: { level: levelOfText(text) },
    service: { ...origin.service },
    event: { id },
    host: { hostname: origin.hostname },
  };
}

/** The lines after the first: a stack trace, or more of the message. */
function addRest(record: LogRecord, { lines }: LineGroup): void {
  if (lines.length < 2) return;
  const rest = lines
    .slice(1)
    .map(({ text }) => text)
    .join('\n');
  if (STACK_TRACE.test(rest) && record.error?.stack_trace === undefined) {
    record.error = { ...record.error, stack_trace: rest };
  } else {
    record.message = `${record.message}\n${rest}`;
  }
}

/** The level that a line of text names near its start, otherwise `info`. */
export function levelOfText(text: string): Level {
  const prefix = text.slice(0, PREFIX_LENGTH);
  const word = (CAPITAL_LEVEL.exec(prefix) ?? MARKED_LEVEL.exec(prefix))?.[1];
  return (word === undefined ? undefined : levelOfWord(word)) ?? 'info';
}

function leadingTime(text: string, zone: TimeZone | undefined): string | undefined {
  const match = LEADING_TIME.exec(text.slice(0, PREFIX_LENGTH))?.[1];
  return match === undefined ? undefined : timestampOf(match.trim(), zone);
}
