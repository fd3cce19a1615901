/**
 * Dead letters as text for a terminal.
 */
import type {
  DeadLetter,
  DeadLetterGroup,
  DeadLetterInFull,
} from '../collector/deadletter/dead-letter-queue.js';
import { printable } from './record-line.js';

/** One letter in one line: id, time, reason, service, message, error. */
export function letterLine({ id, failedAt, reason, service, level, message, error }: DeadLetter): string {
  return printable(`${id}  ${failedAt ?? '-'}  ${reason}  ${service} ${level}  ${message}  (${error})`);
}

/** One group in one line: how many of which reason and service. */
export function groupLine({ count, reason, service, lastFailedAt }: DeadLetterGroup): string {
  return printable(`${count} × ${reason} of ${service}, the last at ${lastFailedAt ?? 'an unknown time'}`);
}

/** One letter in full. */
export function deadLetterLines(letter: DeadLetterInFull): string {
  const rows: [string, unknown][] = [
    ['id', letter.id],
    ['reason', letter.reason],
    ['error', letter.error],
    ['status', letter.status],
    ['index', letter.index],
    ['failed at', letter.failedAt],
    ['attempts', letter.attempts],
    ['replays', letter.replays],
    ['exchange', letter.exchange],
    ['routing key', letter.routingKey],
    ['queue', letter.queue],
    ['message-id', letter.messageId],
  ];
  const shown = rows.filter(([, value]) => value !== undefined && value !== '');
  const deaths = letter.deaths.map(
    ({ queue, reason, count, time }) => `death: ${reason} in ${queue}, ${count} times, first ${time ?? '-'}`,
  );
  const body = letter.json === undefined ? letter.body : JSON.stringify(letter.json, undefined, 2);
  const lines = [...shown.map(([name, value]) => `${`${name}:`.padEnd(13)}${value}`), ...deaths, '', body];
  return lines.map(printable).join('\n');
}
