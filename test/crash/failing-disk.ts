// The disk of a broker under test, by a library in C that is loaded before it (fixtures/disk.c): it can be
// made to fail, to end the process at an fsync, and to tell what a power cut would leave.
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, existsSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runs } from '../interop/requirement.js';
import { rebuildDisk } from './power-cut.js';

// The source is not copied to dist.
const SOURCE = fileURLToPath(new URL('../../../test/crash/fixtures/disk.c', import.meta.url));

/** As in disk.c. */
const FAULTS = { 'no-space': 1, 'sync-fails': 2, 'kill-before-sync': 4, 'kill-after-sync': 8 } as const;

export type DiskFault = keyof typeof FAULTS;

/** Why there is no such disk here, or nothing if there is. */
export function missingDisk(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux can load a library before a process like this';
  return runs('cc', ['--version']) ? undefined : 'there is no C compiler (Debian: apt-get install gcc)';
}

export class FailingDisk {
  /** What the broker's process is to be started with. */
  readonly environment: Record<string, string>;
  readonly #dataDirectory: string;
  readonly #control: number;
  readonly #logFile: string;
  readonly #before: string;

  /** @param directory where its own files go; the data directory in it has to be there */
  constructor(directory: string, dataDirectory: string) {
    const library = join(directory, 'disk.so');
    if (!existsSync(library)) {
      execFileSync('cc', [
        '-shared',
        '-fPIC',
        '-O1',
        '-Wall',
        '-Werror',
        '-o',
        library,
        SOURCE,
        '-ldl',
        '-lpthread',
      ]);
    }
    const control = join(directory, 'disk-control');
    writeFileSync(control, Buffer.alloc(8));
    this.#control = openSync(control, 'r+');
    this.#dataDirectory = dataDirectory;
    this.#logFile = join(directory, 'disk-log');
    this.#before = join(directory, 'disk-before');
    this.environment = {
      LD_PRELOAD: library,
      WARREN_DISK_DIRECTORY: dataDirectory,
      WARREN_DISK_CONTROL: control,
    };
  }

  /** Lets the disk fail in these ways and no others. */
  fail(...faults: DiskFault[]): void {
    const word = Buffer.alloc(4);
    word.writeInt32LE(faults.reduce((sum, fault) => sum + FAULTS[fault], 0));
    writeSync(this.#control, word, 0, 4, 0);
  }

  /** How many calls have failed. */
  get refusals(): number {
    const word = Buffer.alloc(4);
    readSync(this.#control, word, 0, 4, 4);
    return word.readInt32LE();
  }

  /** Keeps from now on what is needed to tell what a power cut leaves; the broker must be down. */
  watched(): Record<string, string> {
    rmSync(this.#before, { recursive: true, force: true });
    rmSync(this.#logFile, { force: true });
    cpSync(this.#dataDirectory, this.#before, { recursive: true });
    return { ...this.environment, WARREN_DISK_LOG: this.#logFile };
  }

  /** Leaves in the data directory what a power cut would have left; the broker must be down. */
  cutPower(random: (limit: number) => number): void {
    rebuildDisk(this.#before, this.#logFile, this.#dataDirectory, random);
  }

  [Symbol.dispose](): void {
    closeSync(this.#control);
  }
}
