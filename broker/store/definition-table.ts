/** One kind of what an operator defines, in memory and in the store, found by names. */
import type { DefinitionKind, DefinitionRow, Store } from './store.js';

export class DefinitionTable<Value> {
  private readonly store: Store;
  private readonly kind: DefinitionKind;
  private readonly values = new Map<string, { key: readonly string[]; value: Value }>();

  /** @param recovered definitions of any kind, of which it takes its own */
  constructor(store: Store, kind: DefinitionKind, recovered: readonly DefinitionRow[]) {
    this.store = store;
    this.kind = kind;
    for (const row of recovered) {
      if (row.kind !== kind) continue;
      this.values.set(row.key, {
        key: JSON.parse(row.key) as string[],
        value: JSON.parse(row.value) as Value,
      });
    }
  }

  get(...key: string[]): Value | undefined {
    return this.values.get(JSON.stringify(key))?.value;
  }

  /** Puts a value, which JSON has to be able to tell, in the place of what was there. */
  put(key: readonly string[], value: Value): void {
    const text = JSON.stringify(key);
    this.values.set(text, { key, value });
    this.store.change({ do: 'put-definition', kind: this.kind, key: text, value: JSON.stringify(value) });
  }

  /** Returns whether there was one. */
  drop(...key: string[]): boolean {
    const text = JSON.stringify(key);
    if (!this.values.delete(text)) return false;
    this.store.change({ do: 'drop-definition', kind: this.kind, key: text });
    return true;
  }

  *entries(): IterableIterator<[key: readonly string[], value: Value]> {
    for (const { key, value } of this.values.values()) yield [key, value];
  }
}
