/**
 * Who listens on a port, where the system lets us know (Linux, from /proc).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The state LISTEN in /proc/net/tcp. */
const LISTEN = '0A';

/**
 * The process that listens on a local TCP port, such as `node (process 4711)`; `undefined` when it
 * is not known: another system, or another user's process.
 */
export function portHolder(port: number): string | undefined {
  try {
    const inodes = listeningInodes(port);
    const pid = inodes.size === 0 ? undefined : readdirSync('/proc').find((name) => holds(name, inodes));
    return pid === undefined ? undefined : `${commandOf(pid)} (process ${pid})`;
  } catch {
    // Without /proc the answer is "not known", which the caller can say well enough.
    return undefined;
  }
}

function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === LISTEN && fields[9]) inodes.add(fields[9]);
    }
  }
  return inodes;
}

function holds(pid: string, inodes: Set<string>): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    // Another user's process, or one that has just ended.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function commandOf(pid: string): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
