/** The values bound to one SQL statement. What a user typed gets into a statement through here alone. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';

/** Told every statement before it runs; for tests that look for a user's text in the SQL. */
export const statementObserver: { onStatement: ((sql: string) => void) | undefined } = {
  onStatement: undefined,
};

/** Values for `$1`, `$2`, … in the order they were added. */
export class Parameters {
  private readonly values: DuckDBValue[] = [];
  private readonly types: DuckDBType[] = [];

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

  /**
   * Runs a statement with these values and gives its rows. Values whose place is not in the statement
   * any more, because what they belonged to could not match, are left out.
   */
  async run(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
    const numbers = new Map<number, number>();
    const values: DuckDBValue[] = [];
    const types: DuckDBType[] = [];
    const renumbered = sql.replace(/\$(\d+)/g, (_, digits: string) => {
      const old = Number(digits);
      let number = numbers.get(old);
      if (number === undefined) {
        values.push(this.values[old - 1] ?? null);
        types.push(this.types[old - 1] ?? VARCHAR);
        number = values.length;
        numbers.set(old, number);
      }
      return `$${number}`;
    });
    statementObserver.onStatement?.(renumbered);
    return (await connection.runAndReadAll(renumbered, values, types)).getRowsJS();
  }
}
