/** Field tables as JSON, as RabbitMQ shows them. */
import type { FieldTable, FieldValue } from '../protocol/field-table.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A table as an object without a prototype, so that no name in it means anything to JavaScript. */
export function toJson(table: FieldTable): { readonly [name: string]: Json } {
  const shown: Record<string, Json> = Object.create(null);
  for (const [name, value] of table) shown[name] = valueToJson(value);
  return shown;
}

function valueToJson(field: FieldValue): Json {
  switch (field.type) {
    case 'longstr':
    case 'binary':
      return field.value.toString();
    case 'long':
    case 'timestamp':
      return Number(field.value);
    case 'decimal':
      return field.value.unscaled / 10 ** field.value.scale;
    case 'void':
      return null;
    case 'table':
      return toJson(field.value);
    case 'array':
      return field.value.map(valueToJson);
    default:
      return field.value;
  }
}
