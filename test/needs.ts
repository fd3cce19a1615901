/** What a test needs of the machine beyond Node. */
import { spawnSync } from 'node:child_process';

/**
 * Whether a program runs here, tried with arguments under which it exits 0. Where it does not, a line
 * says so and the test is to be skipped; in CI that is a failure instead.
 */
export function needs(program: string, ...probe: string[]): boolean {
  const there = spawnSync(program, probe).status === 0;
  if (!there && process.env['CI'] === 'true') throw new Error(`CI needs ${program} ${probe.join(' ')}`);
  if (!there) process.stderr.write(`skipped: ${program} ${probe.join(' ')} does not run here\n`);
  return there;
}
