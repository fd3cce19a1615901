/**
 * The checkpoints of the file agent, on disk: how far each file is confirmed.
 *
 * One JSON file with a version, replaced as a whole: written beside, fsync, rename, fsync of the
 * directory. One that cannot be read is set aside and a new one begun.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';

const fingerprint = z.object({ length: z.int().min(0), hash: z.string() });
const checkpoint = z.object({
  /** Identity of the file, over renames and restarts; part of the id of each of its lines. */
  id: z.string(),
  path: z.string(),
  device: z.number(),
  inode: z.number(),
  firstSeenMs: z.number(),
  /** How often it has been truncated. */
  generation: z.int().min(0),
  /** Everything before this is confirmed. */
  offset: z.int().min(0),
  /** The bytes just before the offset. */
  tail: fingerprint,
});
const registryFile = z.object({ version: z.literal(1), files: z.array(checkpoint) });

/** How far one file is confirmed. */
export type Checkpoint = z.infer<typeof checkpoint>;

/** All checkpoints of one agent. */
export class Registry {
  readonly #path: string;
  readonly #checkpoints = new Set<Checkpoint>();
  #saved = '';

  /**
   * Reads the registry, or begins a new one.
   *
   * @throws the system's error when the directory cannot be made or the file not be read
   */
  static open(path: string, log: Logger | undefined): Registry {
    mkdirSync(dirname(path), { recursive: true });
    const registry = new Registry(path);
    if (!existsSync(path)) return registry;
    try {
      const text = readFileSync(path, 'utf8');
      for (const file of registryFile.parse(JSON.parse(text)).files) registry.#checkpoints.add(file);
      registry.#saved = text;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
      const aside = `${path}.unreadable-${Date.now()}`;
      renameSync(path, aside);
      log?.warn(
        { path, aside },
        'The registry of the file agent cannot be read and was set aside; all files are read anew',
      );
    }
    return registry;
  }

  private constructor(path: string) {
    this.#path = path;
  }

  get checkpoints(): Checkpoint[] {
    return [...this.#checkpoints];
  }

  add(file: Checkpoint): void {
    this.#checkpoints.add(file);
  }

  remove(file: Checkpoint): void {
    this.#checkpoints.delete(file);
  }

  /** The checkpoint of the file with this device and inode. */
  find(device: number, inode: number): Checkpoint | undefined {
    for (const file of this.#checkpoints) {
      if (file.inode === inode && file.device === device) return file;
    }
    return undefined;
  }

  /** Writes the registry if it has changed; afterwards it is on the disk. */
  save(): void {
    const text = `${JSON.stringify({ version: 1, files: this.checkpoints }, undefined, 1)}\n`;
    if (text === this.#saved) return;
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#path);
    const directory = openSync(dirname(this.#path), 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
    this.#saved = text;
  }
}
