/** Reads the aggregations of a reply. */
import type { LevelSeries, ValueCount } from '../model/api.js';
import { bySeverity } from '../model/level.js';

interface Bucket {
  key: string | number;
  key_as_string?: string;
  doc_count: number;
  times?: { buckets: Bucket[] };
}

function buckets(reply: { aggregations?: unknown }, name: string): Bucket[] {
  const found = (reply.aggregations as Record<string, { buckets?: Bucket[] }> | undefined)?.[name];
  return found?.buckets ?? [];
}

/** A terms aggregation's values with their counts, as the store ordered them. */
export function valueCounts(reply: { aggregations?: unknown }, name: string): ValueCount[] {
  return buckets(reply, name).map((each) => ({
    value: String(each.key_as_string ?? each.key),
    count: each.doc_count,
  }));
}

/** The histogram, the most severe level first. */
export function levelSeries(reply: { aggregations?: unknown }): LevelSeries[] {
  return buckets(reply, 'levels')
    .map((each) => ({
      level: String(each.key),
      count: each.doc_count,
      buckets: (each.times?.buckets ?? []).map((time): [number, number] => [
        Number(time.key),
        time.doc_count,
      ]),
    }))
    .sort((a, b) => bySeverity(a.level, b.level));
}
