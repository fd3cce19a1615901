/**
 * The names and numbers that loggers give to levels, read as one of Warren's six.
 */
import { isLevel, type Level } from '../../agents/record.js';

const NAMES: ReadonlyMap<string, Level> = new Map([
  ['verbose', 'trace'],
  ['finest', 'trace'],
  ['finer', 'trace'],
  ['fine', 'debug'],
  ['dbg', 'debug'],
  ['information', 'info'],
  ['informational', 'info'],
  ['notice', 'info'],
  ['config', 'info'],
  ['inf', 'info'],
  ['warning', 'warn'],
  ['wrn', 'warn'],
  ['err', 'error'],
  ['severe', 'error'],
  ['critical', 'fatal'],
  ['crit', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
  ['panic', 'fatal'],
]);

/** Reads a level's name in any case, or pino's and bunyan's number (10, 20 … 60). */
export function readLevel(value: unknown): Level | undefined {
  if (isLevel(value)) return value;
  if (typeof value === 'string') {
    const name = value.trim().toLowerCase();
    return isLevel(name) ? name : NAMES.get(name);
  }
  return typeof value === 'number' ? fromNumber(value) : undefined;
}

function fromNumber(value: number): Level | undefined {
  if (!(value >= 10 && value <= 69)) return undefined;
  if (value < 20) return 'trace';
  if (value < 30) return 'debug';
  if (value < 40) return 'info';
  if (value < 50) return 'warn';
  return value < 60 ? 'error' : 'fatal';
}
