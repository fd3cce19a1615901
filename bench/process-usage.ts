// What a process on this machine has used: CPU time and resident memory, all its threads together,
// as Linux counts them in /proc. Works for any server, whatever it is written in.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessUsage {
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
  /** The most it ever was. */
  readonly residentBytesMost: number;
}

let ticksPerSecond = 0;

export function processUsage(processId: number): ProcessUsage {
  ticksPerSecond ||= Number(execFileSync('getconf', ['CLK_TCK']).toString());
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  // Fields 14 and 15 (utime, stime); the second field, a name in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  const bytes = (pattern: RegExp): number => Number(pattern.exec(status)?.[1] ?? 0) * 1024;
  return {
    cpuMicroseconds: (ticks * 1_000_000) / ticksPerSecond,
    residentBytes: bytes(/VmRSS:\s+(\d+) kB/),
    residentBytesMost: bytes(/VmHWM:\s+(\d+) kB/),
  };
}

/** The process that listens on a TCP port of this machine, if we may know. */
export function listeningProcess(port: number): number | undefined {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const columns = row.trim().split(/\s+/);
      if (columns[1]?.endsWith(`:${hexPort}`) && columns[3] === '0A') inodes.add(`socket:[${columns[9]}]`);
    }
  }
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      for (const file of readdirSync(`/proc/${entry}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${entry}/fd/${file}`))) return Number(entry);
      }
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return undefined;
}
