// What a power cut leaves of a directory: all that was synced, and of the rest what the disk happened to
// have written, sector by sector, or nothing. A file's name is there once its directory was synced.
//
// The log is that of fixtures/disk.c. What was mapped into memory is in no log, and is not there after it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const SECTOR_BYTES = 512;
const RECORD_BYTES = 32;

/** As in disk.c. */
const CREATE = 1;
const WRITE = 2;
const TRUNCATE = 3;
const SYNC = 4;
const UNLINK = 5;
const RENAME = 6;
const LOST = 7;

interface LogRecord {
  readonly kind: number;
  readonly path: string;
  readonly number: number;
  readonly offset: number;
  readonly data: Buffer;
}

type Random = (limit: number) => number;

function* recordsIn(log: Buffer): Generator<LogRecord> {
  // The last one may have been cut off with the process.
  for (let at = 0; at + RECORD_BYTES <= log.length; ) {
    const pathBytes = log.readUInt32LE(at + 4);
    const dataBytes = log.readUInt32LE(at + 8);
    const dataAt = at + RECORD_BYTES + pathBytes;
    if (dataAt + dataBytes > log.length) return;
    yield {
      kind: log.readUInt32LE(at),
      path: log.toString('utf8', at + RECORD_BYTES, dataAt),
      number: Number(log.readBigUInt64LE(at + 16)),
      offset: Number(log.readBigUInt64LE(at + 24)),
      data: log.subarray(dataAt, dataAt + dataBytes),
    };
    at = dataAt + dataBytes;
  }
}

/** A file's content on the disk, and what was asked of it and may have reached it or not. */
class DiskFile {
  private content: Buffer;
  private bytes: number;
  private pending: LogRecord[] = [];

  constructor(content: Buffer) {
    this.content = content;
    this.bytes = content.length;
  }

  ask(record: LogRecord): void {
    this.pending.push(record);
  }

  /** What was asked for before is on the disk. */
  sync(number: number): void {
    const rest: LogRecord[] = [];
    for (const record of this.pending) {
      if (record.number < number) this.apply(record, () => true);
      else rest.push(record);
    }
    this.pending = rest;
  }

  /** What was asked for before will not get to the disk, whatever is synced later. */
  lose(number: number): void {
    this.pending = this.pending.filter((record) => record.number > number || record.kind === TRUNCATE);
  }

  /** What is on the disk in the end. */
  left(random: Random, nothing: boolean): Buffer {
    for (const record of nothing ? [] : this.pending) {
      if (random(2) === 0) this.apply(record, () => random(4) > 0);
    }
    return this.content.subarray(0, this.bytes);
  }

  private apply({ kind, offset, data }: LogRecord, arrives: () => boolean): void {
    if (kind === TRUNCATE) {
      if (offset < this.bytes) this.content.fill(0, offset, this.bytes);
      this.grow(offset);
      this.bytes = offset;
      return;
    }
    for (let from = 0; from < data.length; ) {
      const to = Math.min(data.length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES));
      if (arrives()) {
        this.grow(offset + to);
        data.copy(this.content, offset + from, from, to);
      }
      from = to;
    }
  }

  private grow(bytes: number): void {
    if (bytes > this.content.length) {
      const grown = Buffer.alloc(bytes * 2);
      this.content.copy(grown, 0, 0, this.bytes);
      this.content = grown;
    }
    this.bytes = Math.max(this.bytes, bytes);
  }
}

/** A directory: names and the files they stand for, now and on the disk. */
class DiskDirectory {
  private readonly path: string;
  private readonly now = new Map<string, DiskFile>();
  private readonly names = new Map<string, DiskFile>();
  private pending: { number: number; apply: () => void }[] = [];

  constructor(path: string, before: string) {
    this.path = path;
    for (const name of readdirSync(before)) {
      const file = new DiskFile(readFileSync(join(before, name)));
      this.now.set(name, file);
      this.names.set(name, file);
    }
  }

  play(record: LogRecord): void {
    const { kind, path, number } = record;
    const name = basename(path);
    const file = this.now.get(name);
    if (kind === CREATE) {
      const made = new DiskFile(Buffer.alloc(0));
      this.now.set(name, made);
      this.pending.push({ number, apply: () => this.names.set(name, made) });
    } else if (kind === UNLINK) {
      this.now.delete(name);
      this.pending.push({ number, apply: () => this.names.delete(name) });
    } else if (kind === RENAME) {
      this.rename(record, name, file);
    } else if (kind === SYNC && path === this.path) {
      for (const one of this.pending) if (one.number < number) one.apply();
      this.pending = this.pending.filter((one) => one.number > number);
    } else if (kind === SYNC) file?.sync(number);
    else if (kind === LOST) file?.lose(number);
    else if (kind === WRITE || kind === TRUNCATE) file?.ask(record);
  }

  private rename({ data, number }: LogRecord, name: string, file: DiskFile | undefined): void {
    if (file === undefined) return;
    const to = basename(data.toString());
    this.now.delete(name);
    this.now.set(to, file);
    const apply = (): void => {
      this.names.delete(name);
      this.names.set(to, file);
    };
    this.pending.push({ number, apply });
  }

  /** Names change in order, as file systems with a journal have it, up to some point. */
  left(random: Random): Map<string, Buffer> {
    const nothing = random(3) === 0;
    const changes = nothing ? 0 : random(this.pending.length + 1);
    for (const { apply } of this.pending.slice(0, changes)) apply();
    return new Map([...this.names].map(([name, file]) => [name, file.left(random, nothing)]));
  }
}

/**
 * Writes into a directory what a power cut at the end of the log leaves.
 *
 * @param before the directory as it was when the log began
 */
export function rebuildDisk(before: string, logFile: string, directory: string, random: Random): void {
  const disk = new DiskDirectory(directory, before);
  for (const record of recordsIn(readFileSync(logFile))) disk.play(record);
  const left = disk.left(random);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const [name, content] of left) {
    if (!name.endsWith('-shm')) writeFileSync(join(directory, name), content);
  }
}
