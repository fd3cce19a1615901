/** Whether the disk takes what it is given, and who is told when it does not. */
import type { Logger } from 'pino';
import { codeOf, DataDirectoryError, damageOf } from './data-directory-error.js';
import type { Store } from './store.js';
import type { WriterReply } from './writer-thread.js';

export class StoreHealth {
  /** Why nothing can be kept any more. */
  fatal: Error | undefined;
  /** Resolves when it comes to that. */
  readonly ended: Promise<void>;
  private resolve: () => void = () => undefined;
  /** Whether the disk takes nothing at the moment. */
  failing = false;
  private readonly store: Pick<Store, 'onFailing' | 'onFatal'>;
  private readonly path: string;
  private readonly log: Logger | undefined;

  constructor(store: Pick<Store, 'onFailing' | 'onFatal'>, path: string, log: Logger | undefined) {
    this.store = store;
    this.path = path;
    this.log = log;
    this.ended = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  /** Takes the writer's answer; returns whether the batch is on disk. */
  take(reply: WriterReply): reply is Extract<WriterReply, { said: 'written' }> {
    if (this.fatal !== undefined) return false;
    if (reply.said === 'damaged') {
      this.fail(new Error(reply.reason));
      return false;
    }
    const failing = reply.said === 'failed';
    if (failing !== this.failing) {
      this.failing = failing;
      if (reply.said === 'failed')
        this.log?.error({ reason: reply.reason }, 'The broker cannot write to its disk');
      else this.log?.info('The broker writes to its disk again');
      this.store.onFailing?.(failing);
    }
    return !failing;
  }

  /** The broker stops with so many entries that are not on disk. */
  givenUp(unwritten: number): void {
    // Of a damaged disk the broker itself tells.
    if (this.fatal !== undefined) return;
    this.log?.error({ unwritten }, 'The broker stops on a disk that fails: what it did not confirm is lost');
  }

  /** What was read or written makes no sense. Returns the error for it. */
  fail(cause: unknown): Error {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return this.end(cause instanceof DataDirectoryError ? cause : damageOf(this.path, reason, cause));
  }

  /** The writer's thread has ended on its own. */
  died(error: Error): void {
    if (codeOf(error).startsWith('SQLITE_')) this.fail(error);
    else this.end(error);
  }

  /** The end: from now on nothing is written, confirmed or settled. */
  private end(error: Error): Error {
    if (this.fatal !== undefined) return this.fatal;
    this.fatal = error;
    this.resolve();
    this.store.onFatal?.(error);
    return error;
  }
}
