/**
 * Where a crash test may have the writer thread end the process, as `kill -9` would. Only a program that
 * sets it as environment data of its worker threads (`setEnvironmentData`) before it starts a broker asks
 * for it: no option, file or environment variable does, and the broker never sets it.
 */
import { getEnvironmentData } from 'node:worker_threads';

export const WRITER_FAULT = 'warren:writer-fault';

export type WriterPoint = 'before-write' | 'before-commit' | 'after-commit' | 'after-reply';

export interface WriterFault {
  readonly point: WriterPoint;
  /** How many times the point is passed first. */
  readonly after: number;
}

const fault = getEnvironmentData(WRITER_FAULT) as WriterFault | undefined;
let passed = 0;

/** A point that the writer passes with every batch. */
export function pass(point: WriterPoint): void {
  if (fault === undefined || fault.point !== point || passed++ < fault.after) return;
  process.kill(process.pid, 'SIGKILL');
}
