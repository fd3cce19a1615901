/**
 * The parameters by which a client asks for samples: `lengths_age=60&lengths_incr=5`, and the same of
 * msg_rates, data_rates and node_stats. Each needs both; what is no number is as good as not there.
 */
const RANGE_NAMES = ['lengths', 'msg_rates', 'data_rates', 'node_stats'] as const;

export type RangeName = (typeof RANGE_NAMES)[number];

/** From the first to the last time, both in milliseconds since 1970, in steps. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly stepMs: number;
}

export type Ranges = Readonly<Partial<Record<RangeName, Range>>>;

/** The most steps of a range. */
const STEPS_MAX = 500;

/** What was asked for makes no range; the message is RabbitMQ's. */
export class InvalidRangeError extends Error {}

/**
 * Reads the ranges of a query.
 *
 * @param now milliseconds since 1970
 * @param ahead whether lengths end with the step that is not over: RabbitMQ does so for connections, channels
 *   and queues
 * @throws InvalidRangeError for one of no or too many steps
 */
export function readRanges(query: Readonly<Record<string, unknown>>, now: number, ahead: boolean): Ranges {
  const ranges: Partial<Record<RangeName, Range>> = {};
  for (const name of RANGE_NAMES) {
    const age = integer(query[`${name}_age`]);
    const step = integer(query[`${name}_incr`]);
    if (age === undefined || step === undefined) continue;
    if (age <= 0 || step <= 0 || Math.trunc(age / step) > STEPS_MAX) {
      throw new InvalidRangeError(`Invalid range parameters: age ${age}, incr ${step}`);
    }
    const stepMs = step * 1000;
    const round = ahead && name === 'lengths' ? Math.ceil : Math.floor;
    const last = round(now / stepMs) * stepMs;
    ranges[name] = { first: last - age * 1000, last, stepMs };
  }
  return ranges;
}

function integer(value: unknown): number | undefined {
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : undefined;
}
