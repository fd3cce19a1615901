/** Times as a list shows them: in local time, with the day where the range spans several. */

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/**
 * A record's time for a row.
 *
 * @param time RFC 3339
 * @param withDay whether the day is shown too
 */
export function rowTime(time: string, withDay: boolean): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time.slice(0, 23);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return withDay ? `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}.${ms}` : `${clock}.${ms}`;
}

/** Whether two moments lie on different local days. */
export function spansDays(from: number, to: number): boolean {
  return new Date(from).toDateString() !== new Date(to).toDateString();
}
