/**
 * Makes a record of the fields that an application logged: pino's names, those of other JSON loggers,
 * and ECS names, nested or with dots. Whatever has no place in ECS stays under its own name.
 */
import { levelOfNumber, levelOfWord } from '../level.js';
import type { LogRecord } from '../record.js';
import type { TimeZone } from '../time-zone.js';
import { timestampOf } from '../timestamp.js';
import { takeError } from './error-fields.js';
import { takeRequest, takeRequestId, takeResponse } from './http-fields.js';
import { addLabel, isObject, mergeInto, pathOf, setNested } from './nesting.js';

/** What is known of the place the fields come from. */
export interface FieldsOrigin {
  readonly service: LogRecord['service'];
  readonly hostname?: string;
  readonly pid?: number;
  /** The field that holds the message. */
  readonly messageKey: string;
  /** The field that holds the error. */
  readonly errorKey: string;
  /** When the fields were taken, for those that have no time. Default now. */
  readonly time?: string;
  /** The zone of times that name none. Default that of this machine. */
  readonly zone?: TimeZone;
  /** The application's own names of its levels, by number. */
  readonly levelLabels?: Readonly<Record<string, string>>;
}

/** ECS fields that are objects: the index refuses a plain value under these names. */
const OBJECT_FIELDS: ReadonlySet<string> = new Set([
  ...['log', 'service', 'host', 'process', 'trace', 'span', 'transaction', 'event', 'error', 'labels'],
  ...['http', 'url', 'client', 'user_agent', 'agent', 'container', 'kubernetes', 'cloud', 'warren'],
]);
const TIME_KEYS: ReadonlySet<string> = new Set(['time', '@timestamp', 'timestamp', 'ts']);
const NANOSECONDS_PER_MS = 1e6;

/**
 * Makes the record.
 *
 * @param fields as parsed from one line of JSON; taken apart, not kept
 * @param id the record's `event.id`
 */
export function recordFromFields(
  fields: Readonly<Record<string, unknown>>,
  origin: FieldsOrigin,
  id: string,
): LogRecord {
  const record: LogRecord = {
    '@timestamp': '',
    message: '',
    log: { level: 'info' },
    service: { ...origin.service },
    event: { id },
  };
  let message: string | undefined;
  for (const key in fields) {
    const value = fields[key];
    if (value === null || value === undefined) continue;
    if (key === origin.messageKey) message = textOf(value);
    else if (!takeKnown(record, key, value, origin)) takeOther(record, key, value);
  }
  takeMessage(record, message);
  if (record['@timestamp'] === '') record['@timestamp'] = origin.time ?? new Date().toISOString();
  if (record.host === undefined && origin.hostname !== undefined) record.host = { hostname: origin.hostname };
  if (record.process === undefined && origin.pid !== undefined) record.process = { pid: origin.pid };
  return record;
}

/** Puts a field where ECS wants it; false when it has no such place. */
function takeKnown(record: LogRecord, key: string, value: unknown, origin: FieldsOrigin): boolean {
  switch (key) {
    case 'level':
    case 'severity':
    case 'log.level':
      return takeLevel(record, value, origin);
    case 'time':
    case '@timestamp':
    case 'timestamp':
    case 'ts':
      return takeTime(record, value, origin.zone);
    case 'pid':
      return typeof value === 'number' && setNested(record, ['process', 'pid'], value);
    case 'hostname':
      return typeof value === 'string' && setNested(record, ['host', 'hostname'], value);
    case 'name':
    case 'logger':
      return typeof value === 'string' && setNested(record, ['log', 'logger'], value);
    case origin.errorKey:
    case 'err':
    case 'error':
      return takeAll(record, key === 'error' ? 'err' : key, takeError(record, value));
    case 'stack':
      return typeof value === 'string' && setNested(record, ['error', 'stack_trace'], value);
    case 'req':
      return takeAll(record, key, takeRequest(record, value));
    case 'res':
      return takeAll(record, key, takeResponse(record, value));
    case 'reqId':
      takeRequestId(record, value);
      return true;
    case 'responseTime':
      if (typeof value === 'number') record.event.duration = Math.round(value * NANOSECONDS_PER_MS);
      return false;
    case 'trace_id':
    case 'traceId':
      return typeof value === 'string' && setNested(record, ['trace', 'id'], value);
    case 'span_id':
    case 'spanId':
      return typeof value === 'string' && setNested(record, ['span', 'id'], value);
    default:
      return false;
  }
}

function takeLevel(record: LogRecord, value: unknown, origin: FieldsOrigin): boolean {
  if (typeof value === 'number') {
    record.log.level = levelOfNumber(value);
    const label = origin.levelLabels?.[value];
    if (label !== undefined && label !== record.log.level) addLabel(record, 'level', label);
    return true;
  }
  if (typeof value !== 'string') return false;
  const level = levelOfWord(value);
  if (level !== undefined) record.log.level = level;
  if (level?.toLowerCase() !== value.toLowerCase()) addLabel(record, 'level', value);
  return true;
}

/** The first field that holds a time is the record's; others stay under their own names. */
function takeTime(record: LogRecord, value: unknown, zone: TimeZone | undefined): boolean {
  if (record['@timestamp'] !== '') return false;
  const timestamp = timestampOf(value, zone);
  if (timestamp === undefined) return false;
  record['@timestamp'] = timestamp;
  return true;
}

/** Keeps what a mapping has left over of a field under the field's own name. */
function takeAll(record: LogRecord, key: string, left: unknown): boolean {
  if (left !== undefined) record[key] = left;
  return true;
}

function takeOther(record: LogRecord, key: string, value: unknown): void {
  if (key === '__proto__') return;
  if (key === 'message' || TIME_KEYS.has(key)) {
    // `message` is settled at the end, when all fields are known; a second time is an own field.
    if (key === 'message') record.message = textOf(value);
    else if (key === '@timestamp') addLabel(record, 'timestamp', value);
    else record[key] = value;
  } else if (OBJECT_FIELDS.has(key)) {
    if (isObject(value)) mergeObject(record, key, value);
    else addLabel(record, key, value);
  } else if (key.includes('.')) {
    if (!setNested(record, pathOf(key), value)) addLabel(record, key.replaceAll('.', '_'), value);
  } else if (record[key] === undefined) {
    record[key] = value;
  } else {
    addLabel(record, key, value);
  }
}

function mergeObject(record: LogRecord, key: string, value: Record<string, unknown>): void {
  if (key === 'event' && value['id'] !== undefined) addLabel(record, 'event_id', value['id']);
  if (key === 'labels') {
    for (const [name, label] of Object.entries(value)) addLabel(record, name, label);
  } else if (key === 'log') {
    const { level, ...rest } = value;
    const word = typeof level === 'string' ? levelOfWord(level) : undefined;
    record.log = { ...rest, ...record.log, ...(word === undefined ? {} : { level: word }) };
  } else {
    mergeInto(record, key, value);
  }
}

function takeMessage(record: LogRecord, message: string | undefined): void {
  const other = record.message;
  if (message !== undefined) {
    record.message = message;
    if (other !== '') addLabel(record, 'message', other);
  } else if (other === '' && typeof record['msg'] === 'string') {
    record.message = record['msg'];
    delete record['msg'];
  } else if (other === '' && record.error?.message !== undefined) {
    record.message = record.error.message;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
