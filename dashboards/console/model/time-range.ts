/**
 * Time ranges as people write them: `now-15m`, `now`, `2026-03-01 14:00`.
 *
 * Responsible for reading, resolving and naming them. Not responsible for where they are kept
 * (address.ts).
 */

/** A range as it was written; both ends are expressions that {@link resolveTime} reads. */
export interface TimeRange {
  from: string;
  to: string;
}

/** A range in epoch milliseconds. */
export interface ResolvedRange {
  from: number;
  to: number;
}

/** What the page starts with. */
export const DEFAULT_RANGE: TimeRange = { from: 'now-15m', to: 'now' };

/** The ranges that are one click away. */
export const QUICK_RANGES: readonly { label: string; range: TimeRange }[] = [
  { label: 'Last 5 minutes', range: { from: 'now-5m', to: 'now' } },
  { label: 'Last 15 minutes', range: { from: 'now-15m', to: 'now' } },
  { label: 'Last 30 minutes', range: { from: 'now-30m', to: 'now' } },
  { label: 'Last 1 hour', range: { from: 'now-1h', to: 'now' } },
  { label: 'Last 3 hours', range: { from: 'now-3h', to: 'now' } },
  { label: 'Last 12 hours', range: { from: 'now-12h', to: 'now' } },
  { label: 'Last 24 hours', range: { from: 'now-24h', to: 'now' } },
  { label: 'Last 7 days', range: { from: 'now-7d', to: 'now' } },
  { label: 'Last 30 days', range: { from: 'now-30d', to: 'now' } },
];

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads one end of a range.
 *
 * @param text `now`, `now-<n><s|m|h|d|w>`, epoch milliseconds, or a date with or without a time;
 *   without a zone it is local time
 * @param now epoch ms that `now` stands for
 * @returns epoch ms, or null when it cannot be read
 */
export function resolveTime(text: string, now: number): number | null {
  const trimmed = text.trim();
  const relative = /^now(?:([+-])(\d{1,6})([smhdw]))?$/.exec(trimmed);
  if (relative) {
    const amount = Number(relative[2] ?? 0) * (UNIT_MS[relative[3] ?? 's'] ?? 0);
    return relative[1] === '+' ? now + amount : now - amount;
  }
  if (/^\d{11,14}$/.test(trimmed)) return Number(trimmed);
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return null;
  const dated = /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? `${trimmed}T00:00:00` : trimmed.replace(' ', 'T');
  const time = Date.parse(dated);
  return Number.isNaN(time) ? null : time;
}

/** Reads both ends; null when one cannot be read or they are the wrong way round. */
export function resolveRange(range: TimeRange, now: number): ResolvedRange | null {
  const from = resolveTime(range.from, now);
  const to = resolveTime(range.to, now);
  return from === null || to === null || from >= to ? null : { from, to };
}

/** Whether a range moves with the clock, so that searching again can find something new. */
export function isMoving(range: TimeRange): boolean {
  return range.to.trim().startsWith('now');
}

/** Epoch ms as `YYYY-MM-DD HH:mm:ss` in local time, with milliseconds where they are not zero. */
export function localTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const ms = date.getMilliseconds();
  return `${day} ${clock}${ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`}`;
}

/** What a range is called on its button. */
export function rangeLabel(range: TimeRange): string {
  const quick = QUICK_RANGES.find((each) => each.range.from === range.from && each.range.to === range.to);
  if (quick) return quick.label;
  const end = (text: string) => (/^\d{11,14}$/.test(text) ? localTime(Number(text)) : text);
  return `${end(range.from)} to ${end(range.to)}`;
}

/** How long ago, in words: `3 h ago`, `just now`. */
export function ago(time: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}
