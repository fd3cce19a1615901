/** The spool's options, their defaults and limits, and the shape of its status. */
import { resolve } from 'node:path';
import { AgentOptionError } from '../errors.js';
import type { OverflowPolicy } from '../outbox.js';

/** What a spool is told. */
export interface SpoolOptions {
  /** Where it is kept; made when missing. Processes of one machine may share it. */
  directory: string;
  /** Bytes on the disk at most, for each publisher. Default 512 MiB, at least 1 MiB. */
  bytesMax?: number;
  /** What goes when it is full. Default `drop-oldest`. */
  overflow?: OverflowPolicy;
}

/** {@link SpoolOptions} with the defaults filled in. */
export interface SpoolSettings extends Required<SpoolOptions> {
  /** A segment that has reached this size is ended. */
  readonly segmentBytesMax: number;
}

/** A snapshot of a spool. */
export interface SpoolStatus {
  /** Records on the disk that are not settled. */
  records: number;
  bytes: number;
  /** Bytes that were found damaged, a torn tail say, and were passed over. */
  damagedBytes: number;
  /** Why nothing can be written; absent while it can. */
  lastError?: string;
}

const BYTES_MAX = 512 * 1024 * 1024;
const BYTES_MAX_LEAST = 1024 * 1024;
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** Segments in a full spool at least: what is dropped at the bound is one of them. */
const SEGMENTS_LEAST = 8;

/**
 * Fills in the defaults.
 *
 * @throws AgentOptionError that names the option and what it may be
 */
export function spoolSettings(options: SpoolOptions): SpoolSettings {
  const { directory, bytesMax = BYTES_MAX, overflow = 'drop-oldest' } = options;
  if (typeof directory !== 'string' || directory === '') {
    throw new AgentOptionError('The option spool.directory must be a path that is not empty.');
  }
  if (typeof bytesMax !== 'number' || !Number.isFinite(bytesMax) || bytesMax < BYTES_MAX_LEAST) {
    throw new AgentOptionError(`The option spool.bytesMax must be a number of at least ${BYTES_MAX_LEAST}.`);
  }
  if (overflow !== 'drop-oldest' && overflow !== 'drop-newest') {
    throw new AgentOptionError('The option spool.overflow must be drop-oldest or drop-newest.');
  }
  const segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, Math.floor(bytesMax / SEGMENTS_LEAST));
  return { directory: resolve(directory), bytesMax, overflow, segmentBytesMax };
}
