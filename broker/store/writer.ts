/** The writer thread, seen from the broker's own thread. */
import { Worker } from 'node:worker_threads';
import type { WriterReply } from './writer-thread.js';

export class Writer {
  private readonly worker: Worker;

  /** @param onDeath called when the thread can do nothing more */
  constructor(path: string, onReply: (reply: WriterReply) => void, onDeath: (error: Error) => void) {
    this.worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
      workerData: { path },
      // What the process was started with (--cpu-prof, say) is not for its threads.
      execArgv: [],
    });
    this.worker.on('message', onReply);
    this.worker.on('error', onDeath);
  }

  /** Hands a batch over; it is answered in turn. */
  write(block: Uint8Array<ArrayBuffer>): void {
    this.worker.postMessage(block, [block.buffer]);
  }

  /** Resolves when the thread has closed the database. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.worker.once('exit', () => resolve());
      this.worker.postMessage('close');
    });
  }

  /** Ends the thread without another word. */
  async terminate(): Promise<void> {
    await this.worker.terminate();
  }
}
