/**
 * What fields the index has, asked of the store at most once in a while.
 *
 * Responsible for completion's list and for the names under which levels and services can be counted:
 * an index that nobody gave a template has `log.level` as text with a `keyword` below it.
 */
import type { Client } from '@elastic/elasticsearch';
import type { FieldInfo } from '../model/api.js';
import type { FieldNames } from './search-request.js';

/** How long an answer is used for completion, where a new field is looked for as soon as it is there. */
const FRESH_MS = 5000;

/** How long it is used for the names to count by, which hardly ever change. */
const NAMES_FRESH_MS = 60_000;

/** Fields listed at most. */
const FIELDS_MAX = 3000;

/** Reads and keeps the index's fields. */
export class FieldCatalogue {
  readonly #client: Client;
  readonly #index: string;
  #fields: readonly FieldInfo[] = [];
  #readAt = 0;
  #reading: Promise<readonly FieldInfo[]> | undefined;

  constructor(client: Client, index: string) {
    this.#client = client;
    this.#index = index;
  }

  /** Every field that can be searched, by name. */
  async fields(freshMs = FRESH_MS): Promise<readonly FieldInfo[]> {
    if (this.#fields.length > 0 && Date.now() - this.#readAt < freshMs) return this.#fields;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The names to count and sort by. */
  async names(): Promise<FieldNames> {
    const fields = new Map((await this.fields(NAMES_FRESH_MS)).map((field) => [field.name, field]));
    const countable = (name: string) => {
      const below = `${name}.keyword`;
      return fields.get(name)?.aggregatable === false && fields.has(below) ? below : name;
    };
    return {
      level: countable('log.level'),
      service: countable('service.name'),
      eventId: countable('event.id'),
      errorType: countable('error.type'),
    };
  }

  async #read(): Promise<readonly FieldInfo[]> {
    const reply = await this.#client.fieldCaps({
      index: this.#index,
      fields: '*',
      ignore_unavailable: true,
      allow_no_indices: true,
    });
    const found: FieldInfo[] = [];
    for (const [name, types] of Object.entries(reply.fields)) {
      const [type, caps] = Object.entries(types)[0] ?? [];
      if (type === undefined || !caps || caps.metadata_field || /^(object|nested)$/.test(type)) continue;
      const aggregatable = Object.values(types).every((each) => each.aggregatable);
      found.push({ name, type, aggregatable });
    }
    found.sort((a, b) => a.name.localeCompare(b.name));
    this.#fields = found.slice(0, FIELDS_MAX);
    this.#readAt = Date.now();
    return this.#fields;
  }
}
