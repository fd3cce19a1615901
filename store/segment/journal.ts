/**
 * The journal: what has been acknowledged and is not yet in a day file. Each bulk is one frame, a line
 * `{"bytes":n,"crc":c}` and n bytes; writes that wait together share one fsync. A torn last frame was
 * never acknowledged and is left out.
 *
 * Not responsible for what the bytes mean (writer.ts).
 */
import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from '../catalog/catalog.js';

interface Waiting {
  frame: Buffer;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The journal of a data directory. */
export class Journal {
  private readonly directory: string;
  private number = 0;
  private file: FileHandle | undefined;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private bytesWritten = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens the journal and gives the payloads of the frames that are in it, oldest first. */
  static async open(dataDirectory: string): Promise<{ journal: Journal; payloads: Buffer[] }> {
    const journal = new Journal(join(dataDirectory, 'journal'));
    await mkdir(journal.directory, { recursive: true });
    const payloads: Buffer[] = [];
    for (const number of await journal.numbers()) {
      payloads.push(...frames(await readFile(journal.path(number))));
      journal.number = Math.max(journal.number, number);
    }
    return { journal, payloads };
  }

  /** Bytes in the file being written. */
  get bytes(): number {
    return this.bytesWritten;
  }

  /** Writes a payload; resolves when it is on the disk. */
  append(payload: string): Promise<void> {
    const body = Buffer.from(payload);
    const frame = Buffer.concat([Buffer.from(`{"bytes":${body.length},"crc":${crc32(body)}}\n`), body]);
    const done = new Promise<void>((resolve, reject) => this.waiting.push({ frame, resolve, reject }));
    this.writing ??= this.drain();
    return done;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const together = this.waiting;
      this.waiting = [];
      try {
        const file = this.file ?? (await this.next());
        const bytes = Buffer.concat(together.map((each) => each.frame));
        await file.writeFile(bytes);
        await file.datasync();
        this.bytesWritten += bytes.length;
        for (const each of together) each.resolve();
      } catch (error) {
        for (const each of together) each.reject(error);
        await this.file?.close().catch(() => undefined);
        this.file = undefined;
      }
    }
    this.writing = undefined;
  }

  private async next(): Promise<FileHandle> {
    this.number++;
    const file = await open(this.path(this.number), 'a', 0o600);
    await syncDirectory(this.directory);
    this.file = file;
    this.bytesWritten = 0;
    return file;
  }

  /**
   * Begins a new file and gives the number up to which the older ones go; pass it to
   * {@link discard} when what is in them is in the day files.
   */
  async rotate(): Promise<number> {
    while (this.writing !== undefined) await this.writing;
    const old = this.number;
    const file = this.file;
    this.file = undefined;
    this.bytesWritten = 0;
    await file?.close();
    return old;
  }

  /** Deletes the files up to a number, oldest first. */
  async discard(upTo: number): Promise<void> {
    for (const number of await this.numbers()) {
      if (number <= upTo) await rm(this.path(number));
    }
  }

  async close(): Promise<void> {
    await this.rotate();
  }

  private path(number: number): string {
    return join(this.directory, `${String(number).padStart(12, '0')}.journal`);
  }

  private async numbers(): Promise<number[]> {
    const files = await readdir(this.directory);
    return files
      .flatMap((file) => (/^\d{12}\.journal$/.test(file) ? [Number.parseInt(file, 10)] : []))
      .sort((a, b) => a - b);
  }
}

/** The payloads of a journal file's whole frames. */
function frames(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    const head =
      end < 0 || end - at > 100
        ? null
        : /^\{"bytes":(\d+),"crc":(\d+)\}$/.exec(bytes.toString('latin1', at, end));
    if (head === null) break;
    const payload = bytes.subarray(end + 1, end + 1 + Number(head[1]));
    if (payload.length < Number(head[1]) || crc32(payload) !== Number(head[2])) break;
    found.push(payload);
    at = end + 1 + payload.length;
  }
  return found;
}
