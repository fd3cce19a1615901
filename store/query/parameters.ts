/** The values bound to one SQL statement. What a user typed gets into a statement through here alone. */
import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, type DuckDBValue, VARCHAR } from '@duckdb/node-api';

/** Values for `$1`, `$2`, … in the order they were added. */
export class Parameters {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];

  /** Binds a value and gives its place. Integers are bound as BIGINT when `isInteger`. */
  add(value: string | number | bigint | boolean, isInteger = false): string {
    if (typeof value === 'string') this.push(value, VARCHAR);
    else if (typeof value === 'boolean') this.push(value, BOOLEAN);
    else if (typeof value === 'bigint' || isInteger) this.push(BigInt(value), BIGINT);
    else this.push(value, DOUBLE);
    return `$${this.values.length}`;
  }

  private push(value: DuckDBValue, type: DuckDBType): void {
    this.values.push(value);
    this.types.push(type);
  }
}
