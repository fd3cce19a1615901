/** Finds the files that match the globs, each once however many names it has. */
import { type Stats, statSync } from 'node:fs';
import { glob } from 'tinyglobby';

/** A file that matches. */
export interface FoundFile {
  readonly path: string;
  readonly stats: Stats;
}

/** Compressed files are not text. */
const COMPRESSED = /\.(gz|bz2|xz|zst|zip|lz4)$/i;

/** Whether a name is that of a compressed file. */
export function isCompressed(path: string): boolean {
  return COMPRESSED.test(path);
}

/** The files that match any of the globs now, links resolved, by their paths in alphabetical order. */
export async function discoverFiles(globs: readonly string[]): Promise<FoundFile[]> {
  const paths = await glob([...globs], { absolute: true, dot: true, expandDirectories: false });
  const found = new Map<string, FoundFile>();
  for (const path of paths.sort()) {
    if (isCompressed(path)) continue;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile()) continue;
    const key = fileKey(stats);
    if (!found.has(key)) found.set(key, { path, stats });
  }
  return [...found.values()];
}

/** What tells files apart while they exist. */
export function fileKey(stats: Pick<Stats, 'dev' | 'ino'>): string {
  return `${stats.dev}:${stats.ino}`;
}
