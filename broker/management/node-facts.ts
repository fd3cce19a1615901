/** What the operating system tells of the process: files that are open, and how many may be. */
import { readdir, readFile } from 'node:fs/promises';

export interface FileFacts {
  readonly open: number;
  readonly most: number;
}

/** What is shown where the system does not tell. */
const UNKNOWN: FileFacts = { open: 0, most: 0 };

/** Linux tells in /proc; elsewhere both are 0. */
export async function openFiles(): Promise<FileFacts> {
  try {
    const [files, limits] = await Promise.all([
      readdir('/proc/self/fd'),
      readFile('/proc/self/limits', 'utf8'),
    ]);
    const most = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? 0);
    return { open: files.length, most };
  } catch {
    return UNKNOWN;
  }
}
