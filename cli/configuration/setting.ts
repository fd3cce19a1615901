/** What is to be known of a setting besides its shape, which is in schema.ts. */

/** One setting. */
export interface Setting {
  /** Its place in warren.yaml, from the outside in. */
  path: readonly string[];
  /** Its environment variables; the first that is set counts. */
  variables: readonly [string, ...string[]];
  /** Its long flag, without a value. */
  flag: string;
  /** How the flag's value is called in `--help`. */
  value: string;
  /** Half a line for `--help`. */
  about: string;
  /** It may hold a password: shown without it, and readable from a file named by `<variable>_FILE`. */
  secret?: true;
}
