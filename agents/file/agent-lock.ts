/** Keeps two agents from using one registry: each would overwrite what the other has confirmed. */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { AgentRunningError } from '../errors.js';

/** Locks of this very process: its own number in a lock file says nothing about them. */
const held = new Set<string>();

/** A lock file with the owner's process number. One whose owner has died is taken over. */
export class AgentLock {
  readonly #path: string;

  /**
   * @throws AgentRunningError while another agent holds it
   * @throws the system's error when the file cannot be written
   */
  constructor(path: string) {
    this.#path = path;
    const owner = ownerOf(path);
    if (owner !== undefined && (owner === process.pid ? held.has(path) : isAlive(owner))) {
      throw new AgentRunningError(path, owner);
    }
    writeFileSync(path, `${process.pid}\n`);
    held.add(path);
  }

  release(): void {
    if (held.delete(this.#path)) unlinkSync(this.#path);
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
