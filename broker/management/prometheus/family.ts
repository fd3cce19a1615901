/**
 * A family of metrics: what is read of each object of one kind. It is exposed with a series for each
 * object, or summed up over all of them; either way a bit at a time, so that what is written while others
 * wait never takes long.
 */
import type { Exposition, MetricType } from './exposition.js';

/** Work in bits: between two of them others may have their turn. */
export type Steps = Generator<void, void>;

/** What of the broker a scrape wants. */
export interface Scope<Source> {
  readonly source: Source;
  readonly exposition: Exposition;
  /** `rabbitmq_` or `rabbitmq_detailed_`. */
  readonly prefix: string;
}

export interface Metric<T> {
  /** Without its prefix. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** undefined where an object has no such number. */
  readonly read: (object: T) => number | undefined;
  /** Whether a sum over objects says anything; where not, the aggregate has the metric but no sample. */
  readonly summed?: false;
}

/** An object with the labels that name it. */
export interface Row<T> {
  readonly labels: string;
  readonly object: T;
}

export interface Family<Source> {
  /** As the parameter `family` of /metrics/detailed names it. */
  readonly name: string;
  /** A series for each object. */
  each(scope: Scope<Source>): Steps;
  /** One series for all objects together. */
  sum(scope: Scope<Source>): Steps;
}

export interface FamilyOptions<Source, T> {
  readonly name: string;
  readonly metrics: readonly Metric<T>[];
  /** The objects, with their labels; undefined for looking at what has none, which takes time as well. */
  readonly rows: (source: Source) => Iterable<Row<T> | undefined>;
  /** What is summed up, where that is not the objects: they come and go, and a total must not fall. */
  readonly totals?: (source: Source) => Iterable<T>;
}

/** Samples written or objects looked at in one step: some tens of microseconds. */
const STEP = 128;

export function family<Source, T>(options: FamilyOptions<Source, T>): Family<Source> {
  return {
    name: options.name,
    each: (scope) => each(options, scope),
    sum: (scope) => sum(options, scope),
  };
}

function* each<Source, T>({ metrics, rows }: FamilyOptions<Source, T>, scope: Scope<Source>): Steps {
  const { source, exposition, prefix } = scope;
  for (const { name, type, help, read } of metrics) {
    exposition.begin(prefix + name, type, help);
    let looked = 0;
    // Looked for anew for each of the metrics: to remember many would be work for the collector of garbage.
    for (const row of rows(source)) {
      if (row !== undefined) {
        const value = read(row.object);
        if (value !== undefined) exposition.sample(row.labels, value);
      }
      if (++looked % STEP === 0) yield;
    }
    yield;
  }
}

function* sum<Source, T>(options: FamilyOptions<Source, T>, scope: Scope<Source>): Steps {
  const { metrics, rows, totals } = options;
  const { source, exposition, prefix } = scope;
  const sums = new Array<number>(metrics.length).fill(0);
  let count = 0;
  for (const object of totals?.(source) ?? objectsOf(rows(source))) {
    if (++count % STEP === 0) yield;
    if (object === undefined) continue;
    for (let at = 0; at < metrics.length; at++) {
      const { summed, read } = metrics[at] as Metric<T>;
      if (summed !== false) sums[at] = (sums[at] as number) + (read(object) ?? 0);
    }
  }
  for (const [at, { name, type, help, summed }] of metrics.entries()) {
    exposition.begin(prefix + name, type, help);
    if (summed !== false) exposition.sample('', sums[at] as number);
  }
  yield;
}

function* objectsOf<T>(rows: Iterable<Row<T> | undefined>): Iterable<T | undefined> {
  for (const row of rows) yield row?.object;
}
