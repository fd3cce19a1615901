/**
 * What the store knows of itself: indices with their mappings, data streams and templates, kept in
 * `catalog.json` (written beside, synced, renamed). Not responsible for documents (segment/), nor for
 * which names a request may use (index-expression.ts).
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../errors.js';
import type { JsonObject } from '../json.js';
import { readMapping } from '../mapping/definition.js';
import type { Mapping, StoredMapping } from '../mapping/mapping.js';
import { mappingLimits } from './settings.js';

/** The format this version writes and the newest it reads. */
const FORMAT_VERSION = 1;

/** One index, or one backing index of a data stream. */
export interface Index {
  readonly name: string;
  /** Names the index's table in every day file; never reused. */
  readonly number: number;
  readonly uuid: string;
  readonly createdMs: number;
  readonly dataStream?: string;
  settings: JsonObject;
  mapping: Mapping;
  /** The days (`2026-11-23`, or `undated`) in whose files the index has a table. */
  readonly days: Set<string>;
}

/** A data stream and its backing indices, the last being written to. */
export interface DataStream {
  readonly name: string;
  readonly template: string;
  readonly indices: string[];
}

interface StoredIndex {
  name: string;
  number: number;
  uuid: string;
  createdMs: number;
  dataStream?: string;
  settings: JsonObject;
  mapping: StoredMapping;
  days: string[];
}

interface StoredCatalog {
  formatVersion: number;
  clusterUuid: string;
  nextIndexNumber: number;
  sequenceReserved: number;
  indices: StoredIndex[];
  dataStreams: DataStream[];
  indexTemplates: { [name: string]: JsonObject };
  componentTemplates: { [name: string]: JsonObject };
}

/** The catalog of one data directory. */
export class Catalog {
  readonly indices = new Map<string, Index>();
  readonly dataStreams = new Map<string, DataStream>();
  readonly indexTemplates = new Map<string, JsonObject>();
  readonly componentTemplates = new Map<string, JsonObject>();
  clusterUuid = uuid();
  /** No sequence number at or above this has been given out. */
  sequenceReserved = 1;
  private nextIndexNumber = 1;
  private saving: Promise<void> = Promise.resolve();
  private changes = 0;
  private saved = 0;
  private readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens the catalog of a data directory, or begins one.
   *
   * @throws StoreError when it is of a newer format or cannot be read
   */
  static async open(directory: string): Promise<Catalog> {
    const catalog = new Catalog(join(directory, 'catalog.json'));
    let text: string;
    try {
      text = await readFile(catalog.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return catalog;
      throw error;
    }
    let stored: StoredCatalog;
    try {
      stored = JSON.parse(text) as StoredCatalog;
    } catch (error) {
      throw new StoreError(
        'ERR_WARREN_STORE_CATALOG',
        `the store's catalog ${catalog.path} is not JSON: put back a copy of it, or start with another data directory`,
        error,
      );
    }
    if (!(stored.formatVersion <= FORMAT_VERSION)) {
      throw new StoreError(
        'ERR_WARREN_STORE_FORMAT',
        `${catalog.path} has format ${stored.formatVersion} and this version knows ${FORMAT_VERSION}: use the newer Warren that wrote it`,
      );
    }
    catalog.load(stored);
    return catalog;
  }

  private load(stored: StoredCatalog): void {
    this.clusterUuid = stored.clusterUuid;
    this.nextIndexNumber = stored.nextIndexNumber;
    this.sequenceReserved = stored.sequenceReserved;
    for (const each of stored.indices) {
      const mapping = readMapping(each.mapping.definition, mappingLimits(each.settings), each.mapping);
      this.indices.set(each.name, { ...each, mapping, days: new Set(each.days) });
    }
    for (const each of stored.dataStreams) this.dataStreams.set(each.name, each);
    for (const [name, body] of Object.entries(stored.indexTemplates)) this.indexTemplates.set(name, body);
    for (const [name, body] of Object.entries(stored.componentTemplates))
      this.componentTemplates.set(name, body);
  }

  /** Adds an index; the caller saves. */
  addIndex(name: string, settings: JsonObject, mapping: Mapping, dataStream?: string): Index {
    const index: Index = {
      name,
      number: this.nextIndexNumber++,
      uuid: uuid(),
      createdMs: Date.now(),
      settings,
      mapping,
      days: new Set(),
      ...(dataStream === undefined ? {} : { dataStream }),
    };
    this.indices.set(name, index);
    this.changed();
    return index;
  }

  /** Says that something in the catalog is no longer as it was saved. */
  changed(): void {
    this.changes++;
  }

  /** Makes every change so far durable. Returns at once when there is none. */
  async save(): Promise<void> {
    if (this.saved === this.changes) return;
    const next = this.saving.catch(() => undefined).then(() => this.write());
    this.saving = next;
    await next;
  }

  private async write(): Promise<void> {
    const upTo = this.changes;
    if (this.saved === upTo) return;
    const stored: StoredCatalog = {
      formatVersion: FORMAT_VERSION,
      clusterUuid: this.clusterUuid,
      nextIndexNumber: this.nextIndexNumber,
      sequenceReserved: this.sequenceReserved,
      indices: [...this.indices.values()].map((each) => ({
        ...each,
        mapping: each.mapping.toStored(),
        days: [...each.days].sort(),
      })),
      dataStreams: [...this.dataStreams.values()],
      indexTemplates: Object.fromEntries(this.indexTemplates),
      componentTemplates: Object.fromEntries(this.componentTemplates),
    };
    await replaceFile(this.path, JSON.stringify(stored));
    this.saved = upTo;
  }
}

/** Replaces a file so that a crash leaves the old or the new one whole. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(join(path, '..'));
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function uuid(): string {
  return randomBytes(16).toString('base64url');
}
