/** What ids a table can hold: the span of the times inside its UUIDv7s, and whether it has others. */

/** The ids of a table. */
export interface IdentityRange {
  lowMs: number;
  highMs: number;
  /** Whether there are ids that are no UUIDv7 and so have no time. */
  hasForeign: boolean;
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The range of no ids. */
export function emptyRange(): IdentityRange {
  return { lowMs: Number.POSITIVE_INFINITY, highMs: Number.NEGATIVE_INFINITY, hasForeign: false };
}

/** The time inside an id; `undefined` when it is no UUIDv7 in its usual form. */
export function idTimeMs(id: string): number | undefined {
  if (id.length !== 36 || !UUID_V7.test(id)) return undefined;
  return Number.parseInt(id.slice(0, 8), 16) * 65_536 + Number.parseInt(id.slice(9, 13), 16);
}

/** Makes a range hold an id of this time too. */
export function widen(range: IdentityRange, timeMs: number | undefined): void {
  if (timeMs === undefined) range.hasForeign = true;
  else {
    if (timeMs < range.lowMs) range.lowMs = timeMs;
    if (timeMs > range.highMs) range.highMs = timeMs;
  }
}

/** Whether an id of this time can be in a range. */
export function mayHold(range: IdentityRange, timeMs: number | undefined): boolean {
  return timeMs === undefined ? range.hasForeign : timeMs >= range.lowMs && timeMs <= range.highMs;
}
