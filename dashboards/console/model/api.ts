/**
 * What the console's page and its server say to each other: the shapes of requests and replies.
 * Types alone; nothing here runs.
 */

/** One line of the list: what is needed to show it, not the whole record. */
export interface LogRow {
  id: string;
  index: string;
  /** RFC 3339, as it was stored. */
  time: string;
  level: string | null;
  service: string | null;
  /** The beginning of the message, on one line; the record in full has all of it. */
  message: string;
  /** `error.type`, where the record has an error. */
  error: string | null;
  /** The values of the columns asked for, in their order; null where the record has none. */
  columns: (string | null)[];
}

/** One page of rows. */
export interface LogPage {
  rows: LogRow[];
  /** Pass it as `after` for the page that follows; null on the last one. */
  next: string | null;
  tookMs: number;
}

/** How many records a value has. */
export interface ValueCount {
  value: string;
  count: number;
}

/** One level's share of the histogram: `[start of the interval in epoch ms, count]`, ascending. */
export interface LevelSeries {
  level: string;
  count: number;
  buckets: [number, number][];
}

/** Counts over the whole search: what stands above and beside the list. */
export interface LogSummary {
  total: number;
  /** False when the store counted only up to a limit. */
  totalExact: boolean;
  from: number;
  to: number;
  intervalMs: number;
  series: LevelSeries[];
  /** Counted without regard to the levels chosen, so that another one can be added. */
  levels: ValueCount[];
  /** Counted without regard to the services chosen. */
  services: ValueCount[];
  /** Values of `error.type` among what was found. */
  errors: ValueCount[];
  /** Why some of the data could not be read; null when all of it was. */
  problem: string | null;
  tookMs: number;
}

/** One record in full. */
export interface LogDocument {
  id: string;
  index: string;
  source: Record<string, unknown>;
}

/** A field of the index, for completion. */
export interface FieldInfo {
  name: string;
  type: string;
  aggregatable: boolean;
}

/** When the newest record was logged; null when there is none at all. */
export interface NewestRecord {
  /** The newest that matches the query, at any time. */
  matching: string | null;
  /** The newest of all. */
  any: string | null;
}

/** A record on the live tail. */
export interface TailRecord {
  /** Unique within the page's tail. */
  id: string;
  routingKey: string;
  time: string;
  level: string | null;
  service: string | null;
  message: string;
  error: string | null;
  /** The record, or the body as text where it is not JSON. */
  source: Record<string, unknown>;
}

/** One entry of a letter's `x-death`. */
export interface Death {
  queue: string;
  exchange: string;
  reason: string;
  count: number;
  time: string | null;
}

/** A dead letter in the list. */
export interface LetterRow {
  id: string;
  reason: string;
  error: string | null;
  status: number | null;
  index: string | null;
  failedAt: string | null;
  attempts: number | null;
  replays: number;
  exchange: string;
  routingKey: string;
  service: string | null;
  level: string | null;
  message: string;
}

/** The dead letters that were read. */
export interface LetterList {
  /** The newest first; of a longer queue the oldest are read. */
  letters: LetterRow[];
  /** Messages in the queue, which may be more than those read. */
  total: number;
}

/** What a mapping conflict is about, read from the store's error. */
export interface FieldConflict {
  field: string;
  type: string;
  index: string | null;
  /** Whether setting `ignore_malformed` on the field lets the record in. */
  mendable: boolean;
  advice: string;
}

/** A dead letter in full. */
export interface Letter extends LetterRow {
  body: string;
  properties: Record<string, unknown>;
  headers: Record<string, unknown>;
  deaths: Death[];
  conflict: FieldConflict | null;
}

/** What a replay did. */
export interface ReplayOutcome {
  replayed: number;
  notFound: string[];
  /** Letters that stay where they are though they were meant. */
  failed: number;
  /** Why the first of those stay; null where none do. */
  failure: string | null;
  left: number;
}

/** Whether the engines answer. */
export interface ConsoleHealth {
  store: EngineHealth & { status: string | null };
  broker: EngineHealth & { ready: number | null; dead: number | null };
  index: string;
}

/** One engine's state. */
export interface EngineHealth {
  up: boolean;
  /** Where it is, without a password. */
  url: string;
  /** Name and version as it gives them. */
  version: string | null;
  /** What is wrong and what to do, when it is not up. */
  problem: string | null;
}

/** Every reply that is not a 2xx. */
export interface ApiError {
  error: { code: string; message: string; column?: number };
}
