// One received thing as one line of a transcript, with what a broker makes up replaced by a mark.
import type { FieldValue } from '../wire/field-table.js';
import type { Received } from '../wire/frame-client.js';

function render(value: FieldValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(render).join(', ')}]`;
  const { type, value: number } = value as { type?: FieldValue; value?: FieldValue };
  if (typeof type === 'string' && type.length === 1 && number !== undefined) {
    return type === 'T' ? '<time>' : `${type}:${String(number)}`;
  }
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${name}: ${render(field)}`).join(', ')}}`;
}

function body(bytes: Buffer): string {
  return bytes.length > 100
    ? `${bytes.length} bytes, starting ${bytes.subarray(0, 8).toString('hex')}`
    : bytes.toString();
}

/** `basic.get-ok {…} properties {…} body "…"` */
export function line(received: Received): string {
  const parts = [received.name, render(received.arguments)];
  if (received.properties) parts.push(`properties ${render(received.properties)}`);
  if (received.body) parts.push(`body ${JSON.stringify(body(received.body))}`);
  return parts
    .join(' ')
    .replaceAll(/amq\.gen-[\w-]+/g, 'amq.gen-<made up>')
    .replaceAll(/(product|version|platform|copyright|information|cluster_name): "[^"]*"/g, '$1: <its own>')
    .replaceAll('AMQPLAIN PLAIN', 'PLAIN AMQPLAIN')
    .replaceAll(/amq\.ctag-[\w-]+/g, 'amq.ctag-<made up>');
}
