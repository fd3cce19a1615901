/** Values in Erlang's notation, as they stand in RabbitMQ's error texts. */
import type { FieldTable, FieldValue } from './field-table.js';

/** A binary: as text where it is printable in Latin-1, else byte by byte. */
export function showBinary(bytes: Buffer): string {
  if (bytes.length === 0) return '<<>>';
  const printable = bytes.every((byte) => (byte >= 32 && byte < 127) || byte >= 160);
  if (!printable) return `<<${[...bytes].join(',')}>>`;
  return `<<"${bytes.toString('latin1').replaceAll(/["\\]/g, '\\$&')}">>`;
}

/** A field's value, without its type. */
export function showValue(field: FieldValue): string {
  switch (field.type) {
    case 'longstr':
    case 'binary':
      return showBinary(field.value);
    case 'float':
    case 'double':
      return Number.isInteger(field.value) ? field.value.toFixed(1) : String(field.value);
    case 'void':
      return 'undefined';
    case 'decimal':
      return `{${field.value.scale},${field.value.unscaled}}`;
    case 'table':
      return `[${rowsOf(field.value).join(',')}]`;
    case 'array':
      return `[${field.value.map((item) => `{${item.type},${showValue(item)}}`).join(',')}]`;
    default:
      return String(field.value);
  }
}

function rowsOf(table: FieldTable): string[] {
  return [...table].map(
    ([name, field]) => `{${showBinary(Buffer.from(name))},${field.type},${showValue(field)}}`,
  );
}
