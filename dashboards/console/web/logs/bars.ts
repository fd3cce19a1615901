/** The histogram's geometry: counts in, rectangles and ticks out. */
import type { LogSummary } from '../../model/api.js';
import { type LevelKind, levelKind } from '../../model/level.js';

/** One level's share of one bar. */
interface Block {
  kind: LevelKind;
  y: number;
  height: number;
}

/** One interval. */
export interface Bar {
  start: number;
  x: number;
  width: number;
  total: number;
  blocks: Block[];
  counts: { level: string; kind: LevelKind; count: number }[];
}

/** A mark on the time axis. */
export interface Tick {
  x: number;
  label: string;
}

/** Where the bars stand. */
export interface Frame {
  width: number;
  height: number;
}

/** A block that is there at all is at least this high, so that three errors among thousands are seen. */
const BLOCK_HEIGHT_MIN = 2;

const TICK_WIDTH_MIN = 90;

const TICK_STEPS_MS = [
  100, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
  2_592_000_000, 31_536_000_000,
];

/** A round number not below the largest bar: 1, 2 or 5 times a power of ten. */
function roundTop(largest: number): number {
  if (largest <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return ([1, 2, 3, 4, 5, 8].find((factor) => factor * power >= largest) ?? 10) * power;
}

/** Milliseconds to pixels. */
export function timeToX(time: number, summary: LogSummary, width: number): number {
  return ((time - summary.from) / Math.max(1, summary.to - summary.from)) * width;
}

function stack(counts: Bar['counts'], top: number, height: number): Block[] {
  const blocks: Block[] = [];
  let y = height;
  for (const { kind, count } of counts) {
    const high = Math.max(BLOCK_HEIGHT_MIN, (count / top) * height);
    y -= high;
    blocks.push({ kind, y, height: high });
  }
  return blocks;
}

/** The bars of a summary, the most severe level at the foot, where it can be compared. */
export function bars(summary: LogSummary, frame: Frame): { bars: Bar[]; top: number } {
  const { intervalMs, from, to } = summary;
  const byStart = new Map<number, Bar['counts']>();
  for (const series of summary.series) {
    for (const [start, count] of series.buckets) {
      const counts = byStart.get(start) ?? [];
      counts.push({ level: series.level, kind: levelKind(series.level), count });
      byStart.set(start, counts);
    }
  }
  const totals = [...byStart].map(([, counts]) => counts.reduce((sum, each) => sum + each.count, 0));
  const top = roundTop(Math.max(0, ...totals));
  const found: Bar[] = [];
  for (const [start, counts] of byStart) {
    const x = timeToX(Math.max(start, from), summary, frame.width);
    const end = timeToX(Math.min(start + intervalMs, to), summary, frame.width);
    const width = Math.max(1, end - x - (end - x > 4 ? 1 : 0));
    const total = counts.reduce((sum, each) => sum + each.count, 0);
    found.push({ start, x, width, total, counts, blocks: stack(counts, top, frame.height) });
  }
  return { bars: found.sort((a, b) => a.start - b.start), top };
}

/** Marks of the time axis at round local times, far enough apart to be read. */
export function ticks(summary: LogSummary, width: number): Tick[] {
  const range = Math.max(1, summary.to - summary.from);
  const least = range / Math.max(1, Math.floor(width / TICK_WIDTH_MIN));
  const step = TICK_STEPS_MS.find((each) => each >= least) ?? least;
  const zone = new Date(summary.from).getTimezoneOffset() * 60_000;
  const found: Tick[] = [];
  let time = Math.ceil((summary.from - zone) / step) * step + zone;
  for (; time < summary.to && found.length < 50; time += step) {
    const x = timeToX(time, summary, width);
    if (x > 22 && x < width - 22) found.push({ x, label: tickLabel(time, step, range) });
  }
  return found;
}

function tickLabel(time: number, step: number, range: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= 86_400_000) return step >= 31_536_000_000 ? String(date.getFullYear()) : day;
  if (step < 1000) return `${clock}:${two(date.getSeconds())}.${Math.floor(date.getMilliseconds() / 100)}`;
  if (step < 60_000) return `${clock}:${two(date.getSeconds())}`;
  return range > 86_400_000 ? `${day} ${clock}` : clock;
}
