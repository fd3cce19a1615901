/** Reading fields of a record whether they are nested objects or dotted keys. */

type Json = Record<string, unknown>;

/** Fields of one record that are listed at most. */
const FIELDS_MAX = 1000;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a dotted path: `log.level` finds `{log:{level}}` and `{'log.level'}` alike. */
export function fieldValue(source: Json, path: string): unknown {
  if (path in source) return source[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const inner = source[path.slice(0, dot)];
    if (isObject(inner)) {
      const found = fieldValue(inner, path.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A value as one line of text; null where there is none. */
export function fieldText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** ANSI escape sequences: colours that an application meant for a terminal. */
const TERMINAL_CODES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** Text without the colours of a terminal. */
export function withoutColours(text: string): string {
  return text.replace(TERMINAL_CODES, '');
}

/** Every leaf of a record as `[dotted name, value]`, in the record's order. */
export function flatFields(source: Json, prefix = ''): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const [key, value] of Object.entries(source)) {
    if (found.length >= FIELDS_MAX) break;
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isObject(value) && Object.keys(value).length > 0) found.push(...flatFields(value, name));
    else found.push([name, value]);
  }
  return found.slice(0, FIELDS_MAX);
}

/** Values by which one can filter: one for a scalar, several for a list of scalars, none for objects. */
export function filterValues(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((each) => (isObject(each) ? [] : filterValues(each)));
  return typeof value === 'object' ? [] : [String(value)];
}
