// A client's own program, run in a process of its own. It prints a line for each thing that it saw work,
// and may ask, by the line `restart the broker`, for what it cannot do by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BrokerUnderTest } from './broker-under-test.js';

/** How long a program may take when nothing else is said. */
const PROGRAM_MS = 120_000;

export interface ProgramOptions {
  cwd?: string;
  environment?: Record<string, string>;
  timeoutMs?: number;
}

/** The path of a file or directory of test/interop/fixtures, which is not compiled. */
export function fixture(path: string): string {
  return new URL(`../../../test/interop/fixtures/${path}`, import.meta.url).pathname;
}

/**
 * Runs a program to its end.
 *
 * @returns the lines it printed
 * @throws an error with all that it said when it does not end with 0 in time
 */
export async function runProgram(
  broker: BrokerUnderTest,
  command: string,
  args: string[],
  { cwd, environment = {}, timeoutMs = PROGRAM_MS }: ProgramOptions = {},
): Promise<string[]> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // By SIGTERM, so that it can end what it has started.
    timeout: timeoutMs,
  });
  const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === 'restart the broker') await broker.restart();
  }
  const [code, signal] = await ended;
  if (code !== 0) {
    throw new Error(
      `${command} ended with ${code ?? signal}:\n${complaints}\nafter it said:\n${lines.join('\n')}`,
    );
  }
  return lines;
}
