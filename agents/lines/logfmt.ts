/** logfmt: `level=info msg="no stock" order.id=7 retried`. */

/** A key, and its value bare or in quotes; a key without a value is true. */
const PAIR = /([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^"\s]\S*|)))?(?=\s|$)\s*/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * The pairs of a line, values as text; `undefined` when the line is not logfmt through and through, or
 * has no pair with a value, as plain words have none.
 */
export function parseLogfmt(line: string): Record<string, unknown> | undefined {
  const text = line.trim();
  const fields: Record<string, unknown> = {};
  let hasValue = false;
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const match = PAIR.exec(text);
    if (match === null) return undefined;
    const [, key, quoted, bare] = match;
    const value = quoted === undefined ? bare : quoted.replace(ESCAPE, unescaped);
    if (value !== undefined) hasValue = true;
    if (key !== undefined && key !== '__proto__') fields[key] = value ?? true;
  }
  return hasValue ? fields : undefined;
}

function unescaped(_: string, code: string | undefined, character: string): string {
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return ESCAPED[character] ?? character;
}
