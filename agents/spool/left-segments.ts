/** The segments that another process left in a directory, and the torn tail of the last of them. */
import { readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { HEADER_BYTES, readSegment } from './frame.js';
import { hasSegmentHeader, Segment } from './segment.js';
import type { SpoolDirectory } from './spool-directory.js';

/**
 * Finds the segments, in order, with what is confirmed counted as settled. Only the last can have a
 * torn tail, which is cut off; the others are looked at when they are read.
 *
 * @param damaged told of each file that was cut, and by how many bytes
 * @throws the system's error
 */
export function leftSegments(
  directory: SpoolDirectory,
  damaged: (path: string, bytes: number) => void,
): Segment[] {
  const confirmed = directory.confirmed();
  const firsts = directory.segments().filter((first) => {
    const path = directory.segmentPath(first);
    // One that is shorter than a header is the torn tail of a file that was just begun.
    if (statSync(path).size < HEADER_BYTES || hasSegmentHeader(path)) return true;
    // Of a later version perhaps, which may read it again: nothing that is not understood is deleted.
    renameSync(path, `${path}.unreadable`);
    damaged(path, statSync(`${path}.unreadable`).size);
    return false;
  });
  return firsts.map((first, at) => {
    const next = firsts[at + 1];
    const path = directory.segmentPath(first);
    // A name too many between the two makes this an estimate; reading to the end makes it exact.
    const records = next === undefined ? cutTornTail(path, damaged) : next - first;
    const segment = Segment.found(directory, first);
    segment.records = records;
    const settled = Math.min(confirmed.get(first) ?? 0, records);
    for (let index = 0; index < settled; index += 1) segment.settle(index);
    return segment;
  });
}

/** Returns how many good records there are. */
function cutTornTail(path: string, damaged: (path: string, bytes: number) => void): number {
  const bytes = readFileSync(path);
  const { records, goodBytes } = readSegment(bytes);
  if (goodBytes < bytes.length) {
    truncateSync(path, goodBytes);
    damaged(path, bytes.length - goodBytes);
  }
  return records.length;
}
