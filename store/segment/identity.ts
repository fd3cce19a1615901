/**
 * Whether an id is stored, exactly, and where: the recent ids of each index are in memory, the others
 * are looked up in those day files that can hold them.
 *
 * Memory holds every stored UUIDv7 whose time is at or after a horizon, so that an id beyond the
 * horizon that is not in memory is new, whatever clock made it. What is evicted moves the horizon.
 */
import type { Index } from '../catalog/catalog.js';
import type { Database } from './database.js';
import type { StoredIdentity } from './day-file.js';
import { idTimeMs, mayHold } from './identity-range.js';

/** Ids kept in memory for an index; half go when there are more. */
const RECENT_MAX = 100_000;

interface Recent {
  entries: Map<string, StoredIdentity>;
  /** Every stored UUIDv7 of this time or later is in `entries`. */
  horizonMs: number;
  /** Whether every stored id that is no UUIDv7 is in `entries`. */
  hasAllForeign: boolean;
}

/** Finds stored documents by id. */
export class Identities {
  private readonly recents = new Map<number, Recent>();
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** What is known without the disk: where the id is, that it is nowhere, or (`unknown`) neither. */
  known(index: Index, id: string): StoredIdentity | 'absent' | 'unknown' {
    const recent = this.recents.get(index.number);
    if (recent === undefined) return index.days.size === 0 ? 'absent' : 'unknown';
    const entry = recent.entries.get(id);
    if (entry !== undefined) return entry;
    const time = idTimeMs(id);
    const isCovered = time === undefined ? recent.hasAllForeign : time >= recent.horizonMs;
    return isCovered ? 'absent' : 'unknown';
  }

  /** Looks ids up on disk. Only one call at a time. */
  async find(index: Index, ids: readonly string[]): Promise<Map<string, StoredIdentity>> {
    const recent = await this.recentOf(index);
    const found = new Map<string, StoredIdentity>();
    const sought = ids.filter((id) => this.known(index, id) === 'unknown');
    const days = sought.length === 0 ? [] : [...index.days].sort().reverse();
    for (const name of days) {
      const day = await this.database.day(name);
      try {
        const range = day.identityRange(index.number);
        const possible = sought.filter((id) => !found.has(id) && mayHold(range, idTimeMs(id)));
        for (const [id, identity] of await day.find(this.database.lookup, index.number, possible))
          found.set(id, identity);
      } finally {
        day.release();
      }
    }
    for (const id of ids) {
      const entry = recent.entries.get(id);
      if (entry !== undefined) found.set(id, entry);
    }
    return found;
  }

  /** Begins to remember an index; what is stored already sets the horizon. */
  async recentOf(index: Index): Promise<Recent> {
    const known = this.recents.get(index.number);
    if (known !== undefined) return known;
    const recent: Recent = { entries: new Map(), horizonMs: Number.NEGATIVE_INFINITY, hasAllForeign: true };
    for (const name of index.days) {
      const day = await this.database.day(name);
      const range = day.identityRange(index.number);
      recent.horizonMs = Math.max(recent.horizonMs, range.highMs + 1);
      if (range.hasForeign) recent.hasAllForeign = false;
      day.release();
    }
    this.recents.set(index.number, recent);
    return recent;
  }

  /** Remembers where a document now is. */
  stored(index: Index, id: string, identity: StoredIdentity): void {
    const recent = this.recents.get(index.number);
    if (recent === undefined) return;
    recent.entries.set(id, identity);
    if (recent.entries.size > RECENT_MAX) this.evict(recent);
  }

  /** Remembers that a document is gone. */
  removed(index: Index, id: string): void {
    this.recents.get(index.number)?.entries.delete(id);
  }

  /** Forgets an index that has been deleted. */
  forget(index: Index): void {
    this.recents.delete(index.number);
  }

  private evict(recent: Recent): void {
    let left = RECENT_MAX / 2;
    for (const id of recent.entries.keys()) {
      if (left-- <= 0) break;
      recent.entries.delete(id);
      const time = idTimeMs(id);
      if (time === undefined) recent.hasAllForeign = false;
      else recent.horizonMs = Math.max(recent.horizonMs, time + 1);
    }
  }
}
