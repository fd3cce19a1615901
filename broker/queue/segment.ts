/** A part of a queue's ready messages: in memory, or on disk alone. */
import type { Pages } from '../store/sweep.js';
import type { Ring } from './ring.js';

export type Segment = Ring | Pages;

export function isOnDisk(segment: Segment): segment is Pages {
  return 'count' in segment;
}
