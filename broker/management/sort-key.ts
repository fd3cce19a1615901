/** The order of things in a listing: that of Erlang's terms, where what is missing counts as 0. */

/** Looks a value up for each path of names. */
export function sortKey(shown: object, paths: readonly (readonly string[])[]): unknown[] {
  return paths.map((path) => valueAt(shown, path));
}

function valueAt(shown: object, path: readonly string[]): unknown {
  let value: unknown = shown;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return 0;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? 0;
}

/** Numbers come before the rest, texts after it. */
function rank(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return 0;
    case 'boolean':
      return 1;
    case 'string':
      return 3;
    default:
      return 2;
  }
}

export function compareKeys(left: readonly unknown[], right: readonly unknown[]): number {
  for (const [at, one] of left.entries()) {
    const order = compare(one, right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function compare(left: unknown, right: unknown): number {
  const kind = rank(left);
  const order = kind - rank(right);
  if (order !== 0 || kind === 2 || left === right) return order;
  return (left as number) < (right as number) ? -1 : 1;
}
