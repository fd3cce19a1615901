/** How fast statistics change, and what they were: what RabbitMQ shows beside each as its `_details`. */
import { VirtualHosts } from '../../routing/virtual-hosts.js';
import type { History } from './history.js';
import type { Range, Ranges } from './ranges.js';
import type { StatisticGroup } from './sampled.js';
import type { Sampler, Track } from './sampler.js';

interface Sample {
  readonly sample: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** The details of one statistic; samples and averages only where a range of time was asked for. */
export interface Details {
  /** Each second. */
  readonly rate: number;
  /** The newest first. */
  readonly samples?: readonly Sample[];
  readonly avg?: number;
  readonly avg_rate?: number;
}

type Statistic = StatisticGroup['statistics'][number];

export class Rates {
  private readonly sampler: Sampler;

  constructor(sampler: Sampler) {
    this.sampler = sampler;
  }

  /**
   * The details of all statistics of something, by their names; empty where there are no samples of it.
   *
   * @param of a queue, exchange, channel or connection; one or several virtual hosts, which are added up; or
   *   what holds them all, for these and for what comes and goes
   */
  details(of: object | readonly object[], ranges: Ranges = {}): Readonly<Record<string, Details>> {
    if (!(of instanceof VirtualHosts)) return this.sum(Array.isArray(of) ? of : [of], ranges);
    return { ...this.sum([...of], ranges), ...this.sum([of], ranges) };
  }

  private sum(owners: readonly object[], ranges: Ranges): Readonly<Record<string, Details>> {
    const tracks = owners.flatMap((owner: object) => this.sampler.trackOf(owner) ?? []);
    const details: Record<string, Details> = {};
    for (const group of tracks[0]?.kind.groups ?? []) {
      const range = ranges[group.range];
      for (const statistic of group.statistics) {
        details[statistic[0]] =
          range === undefined
            ? { rate: this.rateOf(tracks, group, statistic) }
            : detailsIn(range, tracks, statistic);
      }
    }
    return details;
  }

  /** Only the rates. */
  rates(of: object | readonly object[]): Readonly<Record<string, number>> {
    const entries = Object.entries(this.details(of));
    return Object.fromEntries(entries.map(([name, { rate }]) => [name, rate]));
  }

  /** By the last two samples; what has not changed since the last time samples were taken stands still. */
  private rateOf(tracks: readonly Track[], group: StatisticGroup, statistic: Statistic): number {
    const { tickedAt, tickedBeforeAt } = this.sampler;
    let change = 0;
    for (const { history } of tracks) {
      if (history.lastAt !== tickedAt || !counts(history, group)) continue;
      for (const column of columnsOf(statistic)) {
        change += history.last(column) - (history.lastButOne(column) ?? 0);
      }
    }
    return change === 0 ? 0 : (change * 1000) / (tickedAt - tickedBeforeAt);
  }
}

function columnsOf([, ...columns]: Statistic): number[] {
  return columns;
}

/** The events of a group that are seen for the first time have no rate: nobody knows how long they took. */
function counts(history: History, group: StatisticGroup): boolean {
  return (
    group.always ||
    group.statistics.some((statistic) =>
      columnsOf(statistic).some((column) => (history.lastButOne(column) ?? 0) !== 0),
    )
  );
}

function detailsIn({ first, last, stepMs }: Range, tracks: readonly Track[], statistic: Statistic): Details {
  const samples: Sample[] = [];
  for (let timestamp = last; timestamp >= first; timestamp -= stepMs) {
    const sample = valueAt(tracks, timestamp, columnsOf(statistic));
    if (sample === undefined) break;
    samples.push({ sample, timestamp });
  }
  const [newest, before] = samples;
  const oldest = samples[samples.length - 1];
  if (newest === undefined || before === undefined || oldest === undefined) return { rate: 0, samples };
  return {
    rate: growth(before, newest),
    samples,
    avg_rate: growth(oldest, newest),
    avg: samples.reduce((sum, { sample }) => sum + sample, 0) / samples.length,
  };
}

function growth(from: Sample, to: Sample): number {
  return ((to.sample - from.sample) * 1000) / (to.timestamp - from.timestamp);
}

function valueAt(tracks: readonly Track[], time: number, columns: readonly number[]): number | undefined {
  let total = 0;
  for (const { history } of tracks) {
    for (const column of columns) {
      const value = history.valueAt(time, column);
      if (value === undefined) return undefined;
      total += value;
    }
  }
  return total;
}
