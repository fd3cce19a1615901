/** Java's date patterns (`yyyy-MM-dd HH:mm:ss.SSS Z`), as far as logs need them. */
import { illegalArgument } from '../errors.js';
import type { Instant } from './date.js';
import { offsetMs } from './time-zone.js';

const PIECE = /'((?:[^']|'')*)'|([a-zA-Z])\2*|[^a-zA-Z']+/g;
const KNOWN = /^(?:[yu]{4}|[yu]{2}|[yu]|MM?|dd?|HH?|mm?|ss?|S{1,9}|Z{1,5}|X{1,5}|xxx|z)$/;

function pieces(pattern: string): { letters: string | undefined; literal: string }[] {
  const found: { letters: string | undefined; literal: string }[] = [];
  for (const match of pattern.matchAll(PIECE)) {
    const letters = match[2] === undefined ? undefined : match[0];
    if (letters !== undefined && !KNOWN.test(letters)) {
      throw illegalArgument(`Invalid format: [${pattern}]: Unknown pattern letter: ${letters}`);
    }
    found.push({ letters, literal: match[1] === undefined ? match[0] : match[1] || "'" });
  }
  return found;
}

/** A parser for a pattern. @throws ApiError when a letter of it is not known */
export function patternParser(pattern: string): (text: string, zone: string) => Instant | undefined {
  const letters: string[] = [];
  const source = pieces(pattern).map((piece) => {
    if (piece.letters === undefined) return piece.literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    letters.push(piece.letters.charAt(0));
    if (/^[ZXxz]/.test(piece.letters)) return '(Z|UTC|[+-]\\d{2}:?\\d{2}|[+-]\\d{2})';
    return piece.letters.length === 1 ? '(\\d{1,9})' : `(\\d{${piece.letters.length}})`;
  });
  const regex = new RegExp(`^${source.join('')}$`);
  return (text, zone) => {
    const match = regex.exec(text);
    if (match === null) return undefined;
    const value = (letter: string, otherwise: number): number => {
      const index = letters.indexOf(letter);
      return index < 0 ? otherwise : Number(match[index + 1]);
    };
    const yearIndex = letters.findIndex((letter) => letter === 'y' || letter === 'u');
    const year = yearIndex < 0 ? 1970 : Number(match[yearIndex + 1]);
    const local = Date.UTC(
      year,
      value('M', 1) - 1,
      value('d', 1),
      value('H', 0),
      value('m', 0),
      value('s', 0),
    );
    const fraction = match[letters.indexOf('S') + 1];
    const nanos = letters.includes('S') && fraction !== undefined ? Number(fraction.padEnd(9, '0')) : 0;
    const zoneIndex = letters.findIndex((letter) => /[ZXxz]/.test(letter));
    const named = zoneIndex < 0 ? zone : (match[zoneIndex + 1] ?? zone);
    const ms = local - offsetMs(named, local) + Math.floor(nanos / 1e6);
    return { ms, nanos: nanos % 1e6, endMs: ms };
  };
}

/** A printer for a pattern. @throws ApiError when a letter of it is not known */
export function patternFormatter(pattern: string): (ms: number, nanos: number, zone: string) => string {
  const parts = pieces(pattern);
  return (ms, nanos, zone) => {
    const shift = offsetMs(zone, ms, true);
    const date = new Date(ms + shift);
    return parts
      .map((piece) =>
        piece.letters === undefined ? piece.literal : print(piece.letters, date, nanos, shift),
      )
      .join('');
  };
}

function print(letters: string, date: Date, nanos: number, shiftMs: number): string {
  const padded = (value: number): string => String(value).padStart(letters.length, '0');
  switch (letters.charAt(0)) {
    case 'y':
    case 'u':
      return letters.length === 2
        ? String(date.getUTCFullYear() % 100).padStart(2, '0')
        : padded(date.getUTCFullYear());
    case 'M':
      return padded(date.getUTCMonth() + 1);
    case 'd':
      return padded(date.getUTCDate());
    case 'H':
      return padded(date.getUTCHours());
    case 'm':
      return padded(date.getUTCMinutes());
    case 's':
      return padded(date.getUTCSeconds());
    case 'S': {
      const digits = `${String(date.getUTCMilliseconds()).padStart(3, '0')}${String(nanos).padStart(6, '0')}`;
      return digits.slice(0, letters.length);
    }
    default:
      return zoneText(letters, shiftMs);
  }
}

function zoneText(letters: string, shiftMs: number): string {
  if (shiftMs === 0 && letters.startsWith('X')) return 'Z';
  const minutes = Math.round(Math.abs(shiftMs) / 60_000);
  const text = [Math.floor(minutes / 60), minutes % 60].map((each) => String(each).padStart(2, '0'));
  return `${shiftMs < 0 ? '-' : '+'}${text.join(letters.length >= 3 && !letters.startsWith('Z') ? ':' : '')}`;
}
