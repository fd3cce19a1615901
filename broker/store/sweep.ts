/**
 * Takes entries out of the database by range: those of a purged or deleted queue that were on disk alone.
 * A step takes a bounded time, so that whoever waits for a commit does not wait for millions of rows.
 */
import type { Database, Statement } from 'better-sqlite3';

/** Entries on disk: all that a queue has from the first to the last message. */
export interface Pages {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** What is to be taken out: a queue's entries from the first to the last message. */
export interface Sweep {
  readonly queue: number;
  readonly first: number;
  readonly last: number;
  /** Only entries of a lower priority: what is above is in memory, and settled by itself. */
  readonly below: number;
  /** Whether dead letters that wait to be handed over go as well. */
  readonly dead: boolean;
}

/** Above every priority. */
export const ANY_PRIORITY = 256;

const ANY_DEATH = 255;

type Range = [queue: number, first: number, last: number, below: number, deathMax: number];

/** In one step. */
const STEP_ROWS = 2000;

export class Sweeper {
  private readonly end: Statement<Range>;
  private readonly steps: Statement<Range>[];

  constructor(database: Database) {
    const range = 'queue = ? AND message BETWEEN ? AND ? AND priority < ? AND death <= ?';
    this.end = database
      .prepare<Range>(
        `SELECT message FROM entry WHERE ${range} ORDER BY message LIMIT 1 OFFSET ${STEP_ROWS - 1}`,
      )
      .pluck();
    const messages = (shared: 0 | 1): string =>
      `(SELECT message FROM entry WHERE ${range} AND shared = ${shared})`;
    // The cross join keeps SQLite to the entries of the step, however many messages are shared.
    const gone = `(SELECT entry.message FROM entry CROSS JOIN message_copy USING (message)
      WHERE ${range} AND shared = 1 AND copies <= 0)`;
    this.steps = [
      `DELETE FROM message WHERE id IN ${messages(0)}`,
      `UPDATE message_copy SET copies = copies - 1 WHERE message IN ${messages(1)}`,
      `DELETE FROM message WHERE id IN ${gone}`,
      `DELETE FROM message_copy WHERE message IN ${gone}`,
      `DELETE FROM entry WHERE ${range}`,
    ].map((sql) => database.prepare<Range>(sql));
  }

  /** Takes one step; returns where the next begins, or undefined when all is done. */
  step({ queue, first, last, below, dead }: Sweep): number | undefined {
    const deathMax = dead ? ANY_DEATH : 0;
    const end = this.end.get(queue, first, last, below, deathMax) as number | undefined;
    for (const statement of this.steps) statement.run(queue, first, end ?? last, below, deathMax);
    return end === undefined ? undefined : end + 1;
  }
}
