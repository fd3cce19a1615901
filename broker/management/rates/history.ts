/**
 * What something has counted, over time: RabbitMQ's retention, each kind of object with the newest
 * minutes by samples of five seconds, and some with hours by samples that are further apart. A sample
 * that says nothing new is not kept: until the next one the last one holds.
 */
import { SampleRing, type SampleRoom } from './sample-ring.js';

export const SAMPLE_MS = 5000;

/** How long samples are kept, and how far they are apart; the finest first. */
export type Retention = readonly (readonly [ageSeconds: number, intervalSeconds: number])[];

/** RabbitMQ's sample_retention_policies. */
export const RETENTION = {
  global: [
    [605, 5],
    [3660, 60],
    [29_400, 600],
    [86_400, 1800],
  ],
  basic: [
    [605, 5],
    [3600, 60],
  ],
  detailed: [[605, 5]],
} as const satisfies Record<string, Retention>;

export class History {
  /** When something was new for the last time. */
  lastAt = 0;
  private readonly rings: SampleRing[] = [];
  private readonly values: number;
  private readonly retention: Retention;
  private readonly room: SampleRoom;

  /** @param values how many numbers a sample has */
  constructor(values: number, retention: Retention, room: SampleRoom) {
    this.values = values;
    this.retention = retention;
    this.room = room;
  }

  /** Takes a sample; returns whether it says anything new. */
  add(at: number, values: Float64Array): boolean {
    const [finest] = this.rings;
    if (finest?.endsWith(values)) return false;
    this.lastAt = at;
    for (let level = 0; level < this.retention.length; level++) {
      const [ageSeconds, intervalSeconds] = this.retention[level] as Retention[number];
      const ring = this.rings[level] ?? this.ring(level, Math.ceil(ageSeconds / intervalSeconds) + 1, at);
      if (ring === undefined) return true;
      if (ring.length === 0 || level === 0 || at - ring.at(-1) >= intervalSeconds * 1000)
        ring.push(at, values);
    }
    return true;
  }

  /** A ring is made when there is something for it that the one before it might forget. */
  private ring(level: number, lengthMax: number, at: number): SampleRing | undefined {
    const before = this.rings[level - 1];
    const intervalMs = (this.retention[level] as Retention[number])[1] * 1000;
    if (before !== undefined && at - before.at(0) < intervalMs) return undefined;
    const ring = new SampleRing(this.values, lengthMax, this.room);
    if (before !== undefined) ring.push(before.at(0), this.row(before, 0));
    this.rings.push(ring);
    return ring;
  }

  private row(ring: SampleRing, index: number): Float64Array {
    return Float64Array.from({ length: this.values }, (_, column) => ring.value(index, column));
  }

  /** The value of a column in the newest sample. */
  last(column: number): number {
    const [finest] = this.rings;
    return finest === undefined ? 0 : finest.value(-1, column);
  }

  /** And in the one before it; undefined when there is none. */
  lastButOne(column: number): number | undefined {
    const [finest] = this.rings;
    return finest === undefined || finest.length < 2 ? undefined : finest.value(-2, column);
  }

  /** The value at a time: 0 before the first sample, undefined where it is forgotten. */
  valueAt(time: number, column: number): number | undefined {
    for (const ring of this.rings) {
      const index = ring.before(time);
      if (index >= 0) return ring.value(index, column);
      if (!ring.forgets) return 0;
    }
    return this.rings.length === 0 ? 0 : undefined;
  }

  release(): void {
    for (const ring of this.rings) ring.release();
    this.rings.length = 0;
  }
}
