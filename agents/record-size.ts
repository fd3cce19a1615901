/** What is left of a record that is larger than a message may be. */
import type { LogRecord } from './record.js';

/**
 * The core of a record: who, when and where in full, of the message and the stack trace the start.
 * `log.flags` says that it was cut. At most a little over `bytesMax / 2` bytes of JSON.
 */
export function cutRecord(record: LogRecord, bytesMax: number): LogRecord {
  // JSON escapes a character as six bytes at worst, and there are three texts.
  const textMax = Math.floor(bytesMax / 36);
  const { error, log, service } = record;
  const flags = [...(Array.isArray(log.flags) ? log.flags : []), 'truncated'];
  const cut: LogRecord = {
    '@timestamp': record['@timestamp'],
    message: String(record.message).slice(0, textMax),
    log: { level: log.level, flags },
    service: { name: service.name.slice(0, 256) },
    event: { id: record.event.id },
  };
  if (log.file !== undefined) cut.log.file = log.file;
  if (log.offset !== undefined) cut.log.offset = log.offset;
  if (service.environment !== undefined) cut.service.environment = service.environment.slice(0, 256);
  if (record.host !== undefined) cut.host = { hostname: record.host.hostname };
  if (record.process !== undefined) cut.process = { pid: record.process.pid };
  if (typeof record.trace?.id === 'string') cut.trace = { id: record.trace.id.slice(0, 256) };
  if (error !== undefined) {
    cut.error = {};
    if (typeof error.type === 'string') cut.error.type = error.type.slice(0, 256);
    if (typeof error.message === 'string') cut.error.message = error.message.slice(0, textMax);
    if (typeof error.stack_trace === 'string') cut.error.stack_trace = error.stack_trace.slice(0, textMax);
  }
  return cut;
}
