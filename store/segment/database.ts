/**
 * The DuckDB instance of a data directory: its lock, its limits, the connections that searches borrow,
 * and the day files attached to it. Not responsible for what is in a day file (day-file.ts).
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { ApiError, StoreError } from '../errors.js';
import { DayFile } from './day-file.js';

/** Day files that stay attached when nobody reads them. */
const ATTACHED_MAX = 40;

/** Limits of a {@link Database}. */
export interface DatabaseOptions {
  directory: string;
  threads: number;
  memoryBytesMax: number;
  searchesMax: number;
  log?: Logger | undefined;
}

/** Directories this process has open; DuckDB's own lock tells processes apart, not instances. */
const openDirectories = new Set<string>();

/** The DuckDB instance of a data directory. */
export class Database {
  /** The one connection that writes to day files. */
  readonly writer: DuckDBConnection;
  /** The connection on which a write looks up ids, so that searches cannot hold it up. */
  readonly lookup: DuckDBConnection;
  /** The connection that attaches and detaches, outside the writer's transactions. */
  private readonly steward: DuckDBConnection;
  private stewardship: Promise<unknown> = Promise.resolve();
  private readonly instance: DuckDBInstance;
  private readonly options: DatabaseOptions;
  private readonly idle: DuckDBConnection[];
  private readonly waiting: ((connection: DuckDBConnection) => void)[] = [];
  private readonly days = new Map<string, Promise<DayFile>>();
  private readonly attached = new Map<string, DayFile>();
  /** Told when a day file could not be read and was set aside. */
  onSetAside: (day: string) => void = () => undefined;

  private constructor(instance: DuckDBInstance, connections: DuckDBConnection[], options: DatabaseOptions) {
    const [writer, lookup, steward, ...idle] = connections;
    if (writer === undefined || lookup === undefined || steward === undefined)
      throw new Error('too few connections');
    this.instance = instance;
    this.writer = writer;
    this.lookup = lookup;
    this.steward = steward;
    this.idle = idle;
    this.options = options;
  }

  /**
   * Opens the directory's database, which holds the directory's lock.
   *
   * @throws StoreError `ERR_WARREN_STORE_IN_USE` when another store has it
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const directory = resolve(options.directory);
    const inUse = (cause?: unknown): StoreError =>
      new StoreError(
        'ERR_WARREN_STORE_IN_USE',
        `the data directory ${directory} is in use by another store: stop that one or choose another directory`,
        cause,
      );
    if (openDirectories.has(directory)) throw inUse();
    openDirectories.add(directory);
    try {
      await mkdir(join(directory, 'days'), { recursive: true });
      const instance = await DuckDBInstance.create(join(directory, 'lock.duckdb'), {
        threads: String(options.threads),
        memory_limit: `${Math.floor(options.memoryBytesMax / 1e6)}MB`,
        temp_directory: join(directory, 'spill'),
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
      const connections: DuckDBConnection[] = [];
      for (let count = 0; count < options.searchesMax + 3; count++)
        connections.push(await instance.connect());
      await connections[0]?.run("SET GLOBAL TimeZone = 'UTC'");
      return new Database(instance, connections, { ...options, directory });
    } catch (error) {
      openDirectories.delete(directory);
      if (error instanceof Error && /lock/i.test(error.message)) throw inUse(error);
      throw error;
    }
  }

  /**
   * Borrows a connection for reading, runs `use` with it and gives it back. At most `searchesMax` at
   * once; the others wait in turn.
   *
   * @param timeoutMs after which the statement is interrupted and 408 thrown
   */
  async read<T>(timeoutMs: number, use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection =
      this.idle.pop() ?? (await new Promise<DuckDBConnection>((give) => this.waiting.push(give)));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      connection.interrupt();
    }, timeoutMs);
    try {
      return await use(connection);
    } catch (error) {
      if (isLate)
        throw new ApiError(
          408,
          'timeout_exception',
          `the search took longer than ${timeoutMs} ms and was stopped`,
        );
      throw error;
    } finally {
      clearTimeout(timer);
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(connection);
      else next(connection);
    }
  }

  /** The names of the day files on disk. */
  async dayNames(): Promise<string[]> {
    const files = await readdir(join(this.options.directory, 'days'));
    return files.flatMap((file) => /^([\w-]+)\.duckdb$/.exec(file)?.[1] ?? []).sort();
  }

  /** Attaches a day's file, making it when it is not there, and counts the user in. Release it after. */
  async day(name: string): Promise<DayFile> {
    const known = this.days.get(name);
    const attaching = known ?? this.attach(name);
    if (known === undefined) this.days.set(name, attaching);
    try {
      const day = await attaching;
      if (this.days.get(name) !== attaching) return await this.day(name);
      this.attached.set(name, day);
      day.users++;
      day.usedAt = Date.now();
      return day;
    } catch (error) {
      if (this.days.get(name) === attaching) this.days.delete(name);
      throw error;
    }
  }

  /** Runs steps on the steward's connection, one after the other. */
  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.stewardship.then(step, step);
    this.stewardship = turn.catch(() => undefined);
    return turn;
  }

  private attach(name: string): Promise<DayFile> {
    return this.inTurn(() => this.attachNow(name));
  }

  private async attachNow(name: string): Promise<DayFile> {
    await this.detachIdle(name);
    const path = join(this.options.directory, 'days', `${name}.duckdb`);
    try {
      return await DayFile.attach(this.steward, name, path);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      await this.setAside(name, path, error);
      return await DayFile.attach(this.steward, name, path);
    }
  }

  private async setAside(name: string, path: string, cause: unknown): Promise<void> {
    const aside = `${path}.broken-${Date.now()}`;
    await rename(path, aside);
    await rename(`${path}.wal`, `${aside}.wal`).catch(() => undefined);
    this.options.log?.error(
      { err: cause, day: name, file: aside },
      'day file cannot be read and was set aside',
    );
    this.onSetAside(name);
  }

  private async detachIdle(coming: string): Promise<void> {
    if (this.attached.size < ATTACHED_MAX) return;
    const unused = [...this.attached.values()].filter((day) => day.users === 0 && day.name !== coming);
    unused.sort((a, b) => a.usedAt - b.usedAt);
    for (const day of unused.slice(0, this.attached.size - ATTACHED_MAX + 1)) {
      if (day.users > 0) continue;
      this.days.delete(day.name);
      this.attached.delete(day.name);
      await day.detach(this.steward);
    }
  }

  /** Detaches and deletes a day's file, which no index has a table in any more. */
  async removeDay(name: string): Promise<void> {
    await this.inTurn(async () => {
      const day = this.attached.get(name);
      if (day === undefined || day.users > 0) return;
      this.days.delete(name);
      this.attached.delete(name);
      await day.remove(this.steward);
    });
  }

  /** Checkpoints and closes everything. */
  async close(): Promise<void> {
    for (const attaching of this.days.values()) {
      const day = await attaching.catch(() => undefined);
      await day?.detach(this.steward);
    }
    this.days.clear();
    this.attached.clear();
    for (const connection of [...this.idle, this.writer, this.lookup, this.steward]) connection.closeSync();
    this.instance.closeSync();
    openDirectories.delete(this.options.directory);
  }
}
