// A broker in a process of its own that is killed, or whose disk fails, and that is started again where
// its clients look for it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WriterFault } from '../../broker/store/writer-fault.js';
import type { CrashBrokerOptions } from './fixtures/crash-broker.js';

const PROGRAM = new URL('./fixtures/crash-broker.js', import.meta.url);

export interface BrokerStart {
  /** The user it runs as, by number. */
  readonly user?: number;
  readonly fault?: WriterFault;
  readonly environment?: Record<string, string>;
}

export class BrokerAtRisk {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'warren-crash-')));
  readonly dataDirectory = join(this.directory, 'data');
  /** All that it has logged, in every life. */
  output = '';
  #child: ChildProcess | undefined;
  #port = 0;

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.#port}`;
  }

  /** @throws Error with what it said when it does not start */
  async start({ fault, environment = {}, user }: BrokerStart = {}): Promise<void> {
    const options: CrashBrokerOptions = {
      dataDirectory: this.dataDirectory,
      port: this.#port,
      ...(fault === undefined ? {} : { fault }),
    };
    const child = fork(PROGRAM, [JSON.stringify(options)], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    const said = new Promise<{ port: number } | undefined>((resolve) => {
      child.once('message', (message) => resolve(message as { port: number }));
      child.once('close', () => resolve(undefined));
    });
    const started = await said;
    if (started === undefined) throw new Error(`the broker does not start: ${this.output}`);
    this.#port = started.port;
  }

  /** `kill -9`, or the end that a fault has brought or will bring. */
  async kill(): Promise<void> {
    const child = this.#child as ChildProcess;
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await this.killed();
  }

  /** Waits until it has been killed. */
  async killed(): Promise<void> {
    const child = this.#child as ChildProcess;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.signalCode !== 'SIGKILL') throw new Error(`the broker ended by itself: ${this.output}`);
  }

  /** Stops it as it is meant to be stopped; returns its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child as ChildProcess;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, 'close') as Promise<[number | null]>;
    child.send('stop');
    return (await ended)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
