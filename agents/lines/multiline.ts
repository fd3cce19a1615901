/** What a user says of events of several lines. */
import { AgentOptionError } from '../errors.js';

/** The ready patterns: `auto` knows all languages, `none` makes every line an event. */
export const MULTILINE_PRESETS = ['auto', 'none', 'java', 'python', 'go', 'node'] as const;
/** One of {@link MULTILINE_PRESETS}. */
type MultilinePreset = (typeof MULTILINE_PRESETS)[number];

/** How lines are put together. The pattern's three settings mean what they mean to Filebeat. */
export interface MultilineOptions {
  /** A ready pattern. Default `auto`. */
  readonly preset?: MultilinePreset | undefined;
  /** A regular expression instead of a ready pattern. */
  readonly pattern?: string | undefined;
  /** `true`: the lines that do not match are those which belong to another. Default false. */
  readonly negate?: boolean | undefined;
  /** Whether these belong to the line before them (`after`, the default) or to the one after (`before`). */
  readonly match?: 'after' | 'before' | undefined;
  /** Lines of one event at most. Default 500. */
  readonly linesMax?: number | undefined;
  /** Bytes of one event's text at most. Default 256 KiB. */
  readonly bytesMax?: number | undefined;
}

/** Checks what a type cannot. @throws AgentOptionError */
export function checkMultiline({
  preset,
  pattern,
  negate,
  match,
  linesMax = 1,
  bytesMax = 1,
}: MultilineOptions) {
  if (pattern !== undefined && preset !== undefined && preset !== 'auto') {
    throw new AgentOptionError('Lines are put together by a preset or by a pattern, not by both.');
  }
  if (pattern === undefined && (negate === true || match === 'before')) {
    throw new AgentOptionError('negate and match say what a pattern means; there is no pattern.');
  }
  if (!Number.isInteger(linesMax) || linesMax < 1 || !Number.isInteger(bytesMax) || bytesMax < 1) {
    throw new AgentOptionError('linesMax and bytesMax must be whole numbers from 1.');
  }
}
