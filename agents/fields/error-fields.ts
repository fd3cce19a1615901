/** An error as loggers serialise it, in ECS: `error.*`. */
import type { LogRecord } from '../record.js';
import { isObject } from './nesting.js';

/**
 * Moves what ECS has a place for into `record.error`.
 *
 * @returns what is left of the value, or `undefined` when nothing is
 */
export function takeError(record: LogRecord, value: unknown): unknown {
  if (typeof value === 'string') {
    record.error = { message: value, ...record.error };
    return undefined;
  }
  if (!isObject(value)) return value;
  const { type, name, message, stack, stack_trace: stackTrace, code, ...rest } = value;
  const error: NonNullable<LogRecord['error']> = { ...record.error };
  const kind = typeof type === 'string' ? type : name;
  const trace = typeof stack === 'string' ? stack : stackTrace;
  if (typeof kind === 'string') error.type = kind;
  if (typeof message === 'string') error.message = message;
  if (typeof trace === 'string') error.stack_trace = trace;
  if (typeof code === 'string' || typeof code === 'number') error.code = String(code);
  if (Object.keys(error).length > 0) record.error = error;
  return Object.keys(rest).length > 0 ? rest : undefined;
}
