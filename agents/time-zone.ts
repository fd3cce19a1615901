/** The zone of times that name none. */

/** How long an offset is taken to hold: zones change theirs at quarters of an hour at the finest. */
const QUARTER_MS = 15 * 60_000;
const OFFSET = /^([+-])(\d\d):?(\d\d)$/;

/** A zone by its name (`Europe/Berlin`, `UTC`) or its offset (`+02:00`). */
export class TimeZone {
  readonly #fixedMs: number | undefined;
  readonly #format: Intl.DateTimeFormat | undefined;
  #quarter = Number.NaN;
  #offsetMs = 0;

  /** @throws RangeError for a zone that is not known */
  constructor(name: string) {
    const offset = OFFSET.exec(name);
    if (offset !== null) {
      const minutes = Number(offset[2]) * 60 + Number(offset[3]);
      this.#fixedMs = (offset[1] === '-' ? -minutes : minutes) * 60_000;
      return;
    }
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  /**
   * The milliseconds since the epoch of a time on the zone's clocks.
   *
   * @param clockMs the same time as if the clocks were those of UTC
   */
  epochMs(clockMs: number): number {
    if (this.#fixedMs !== undefined) return clockMs - this.#fixedMs;
    // The offset is asked for twice, since that of the first guess may be one from before a change.
    const guess = clockMs - this.#offsetAt(clockMs);
    return clockMs - this.#offsetAt(guess);
  }

  #offsetAt(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_MS);
    if (quarter === this.#quarter || this.#format === undefined) return this.#offsetMs;
    const at = quarter * QUARTER_MS;
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.#format.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    this.#quarter = quarter;
    this.#offsetMs = Date.UTC(year, month - 1, day, hour, minute, second) - at;
    return this.#offsetMs;
  }
}
