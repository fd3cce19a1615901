/** The users that the broker knows: their password hashes and tags. */
import type { Store, UserRow } from '../store/store.js';
import { exportHash, NO_PASSWORD } from './password.js';

export interface User {
  readonly name: string;
  /** As definitions have it: base64, or nothing where no password fits. */
  readonly passwordHash: string;
  /** RabbitMQ's name of how it was made. */
  readonly hashingAlgorithm: string;
  readonly tags: readonly string[];
}

interface Credentials {
  readonly hash: string;
  readonly tags: readonly string[];
}

export class Users {
  private readonly store: Store;
  private readonly known = new Map<string, Credentials>();
  /** Called when a user has another password or other tags, or is gone. */
  onChange: (name: string) => void = () => undefined;

  constructor(store: Store, rows: readonly UserRow[]) {
    this.store = store;
    for (const { name, passwordHash, tags } of rows) {
      this.known.set(name, { hash: passwordHash, tags: tagsOf(tags) });
    }
  }

  has(name: string): boolean {
    return this.known.has(name);
  }

  /** By name. */
  list(): User[] {
    const names = [...this.known.keys()].sort();
    return names.map((name) => this.get(name) as User);
  }

  get(name: string): User | undefined {
    const credentials = this.known.get(name);
    return credentials && { name, ...exportHash(credentials.hash), tags: credentials.tags };
  }

  /** What a password is checked against: of a user who is not there, and of one without, no password fits. */
  hashOf(name: string): string {
    return this.known.get(name)?.hash ?? NO_PASSWORD;
  }

  tagsOf(name: string): readonly string[] {
    return this.known.get(name)?.tags ?? [];
  }

  /**
   * Makes a user, or gives one another password and other tags.
   *
   * @param hash as password.ts makes it
   * @returns whether he is new
   */
  put(name: string, hash: string, tags: readonly string[]): boolean {
    const isNew = !this.known.has(name);
    const kept = tagsOf(tags.join(','));
    this.known.set(name, { hash, tags: kept });
    this.store.change({ do: 'put-user', name, passwordHash: hash, tags: kept.join(',') });
    this.onChange(name);
    return isNew;
  }

  /** Takes a user away; false where he is not there. */
  drop(name: string): boolean {
    if (!this.known.delete(name)) return false;
    this.store.change({ do: 'drop-user', name });
    this.onChange(name);
    return true;
  }
}

/** Tags as RabbitMQ reads them out of a text: between commas, without spaces around them. */
export function tagsOf(text: string): readonly string[] {
  const tags = text.split(',').map((tag) => tag.trim());
  return tags.filter((tag) => tag !== '');
}
