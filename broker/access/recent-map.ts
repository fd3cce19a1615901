/** A map of bounded size: the entry that was longest not asked for makes room. */
export class RecentMap<Value> {
  private readonly entries = new Map<string, Value>();
  private readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Value | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.entries.delete(key);
    if (this.entries.size >= this.max) {
      const [oldest] = this.entries.keys();
      this.entries.delete(oldest as string);
    }
    this.entries.set(key, value);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  values(): Iterable<Value> {
    return this.entries.values();
  }

  clear(): void {
    this.entries.clear();
  }
}
