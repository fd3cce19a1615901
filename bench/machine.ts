// The machine in one line: a figure without its machine says nothing.
import { availableParallelism, cpus, release, totalmem } from 'node:os';

export function describeMachine(): string {
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return (
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${memory} of memory, ` +
    `Linux ${release()}, Node ${process.version}`
  );
}
