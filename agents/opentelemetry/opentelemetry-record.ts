/** OpenTelemetry's log data model (https://opentelemetry.io/docs/specs/otel/logs/data-model/) as a record. */
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { recordFromFields } from '../fields/record-from-fields.js';
import type { LogRecord } from '../record.js';

/** Names of the semantic conventions that ECS has other names for. */
const ECS_NAMES: ReadonlyMap<string, string> = new Map([
  ['exception.type', 'error.type'],
  ['exception.message', 'error.message'],
  ['exception.stacktrace', 'error.stack_trace'],
  ['deployment.environment.name', 'service.environment'],
  ['deployment.environment', 'service.environment'],
  ['host.name', 'host.hostname'],
  ['k8s.pod.name', 'kubernetes.pod.name'],
  ['k8s.pod.uid', 'kubernetes.pod.uid'],
  ['k8s.namespace.name', 'kubernetes.namespace'],
  ['k8s.node.name', 'kubernetes.node.name'],
  ['k8s.container.name', 'kubernetes.container.name'],
]);
/** Names that mean something else to a record than to whoever set such an attribute. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['time', 'timestamp', '@timestamp', 'ts', 'level', 'severity', 'log.level', 'message', 'msg'],
  ...['name', 'logger', 'trace_id', 'traceId', 'span_id', 'spanId', 'event.id', 'labels'],
]);
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const SEVERITIES_A_LEVEL = 4;

/**
 * Makes the record.
 *
 * @param service for a resource without `service.name`
 * @param id the record's `event.id`
 */
export function recordFromOpenTelemetry(
  log: ReadableLogRecord,
  service: string | undefined,
  id: string,
): LogRecord {
  const { severityNumber, severityText, spanContext, eventName, instrumentationScope: scope, body } = log;
  const resource = renamed(log.resource.attributes);
  const { 'service.name': name, 'service.version': version, 'service.environment': environment } = resource;
  for (const taken of ['service.name', 'service.version', 'service.environment']) delete resource[taken];
  const fields: Record<string, unknown> = {
    time: timeOf(log.hrTime),
    level: levelOf(severityNumber),
    name: scope.name === '' ? undefined : scope.name,
    trace_id: spanContext?.traceId,
    span_id: spanContext?.spanId,
    ...(body === undefined || body === null
      ? {}
      : { message: typeof body === 'string' ? body : toText(body) }),
    ...resource,
    ...renamed(log.attributes),
  };
  const word = severityText ?? '';
  if (word !== '' && word.toLowerCase() !== fields['level']) fields['labels.severity_text'] = word;
  if (eventName !== undefined) fields['event.action'] = eventName;
  const origin = {
    service: {
      name: typeof name === 'string' && name !== '' ? name : (service ?? 'unknown'),
      ...(typeof version === 'string' ? { version } : {}),
      ...(typeof environment === 'string' ? { environment } : {}),
    },
    messageKey: 'message',
    errorKey: 'err',
  };
  return recordFromFields(fields, origin, id);
}

function renamed(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    fields[TAKEN.has(name) ? `labels.${name}` : (ECS_NAMES.get(name) ?? name)] = value;
  }
  return fields;
}

/** Four numbers a level, from 1; 0 is unspecified. */
function levelOf(severity = 0): string {
  return LEVELS[Math.floor((severity - 1) / SEVERITIES_A_LEVEL)] ?? 'info';
}

/** All nine digits of the fraction: they tell the order of lines. */
function timeOf([seconds, nanoseconds]: ReadableLogRecord['hrTime']): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return `${whole}.${String(nanoseconds).padStart(9, '0')}Z`;
}

function toText(body: unknown): string {
  return JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
