/**
 * A `warren` command as a child process, for tests: on free ports, in a directory of its own, ended
 * with the test whatever happens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../cli/warren.js', import.meta.url));

/** Every port 0, nothing from the machine's own settings. */
const FREE_PORTS = {
  WARREN_CONFIG: '',
  WARREN_AMQP_PORT: '0',
  WARREN_AMQPS_PORT: '0',
  WARREN_MANAGEMENT_PORT: '0',
  WARREN_MANAGEMENT_TLS_PORT: '0',
  WARREN_STORE_PORT: '0',
  WARREN_CONSOLE_PORT: '0',
};

/** What a command that ended has left. */
export interface Outcome {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A directory that is gone after the test. */
export class TemporaryDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'warren-test-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A running `warren` command. */
export class WarrenProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(
    parameters: readonly string[],
    environment: Record<string, string> = {},
    wrapper: readonly string[] = [],
  ) {
    const [command, ...rest] = [...wrapper, process.execPath, ENTRY, ...parameters] as [string, ...string[]];
    this.child = spawn(command, rest, {
      env: { ...process.env, ...FREE_PORTS, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#ended = once(this.child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Starts a long-running command and waits until it says that it is ready. */
  static async start(
    parameters: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<WarrenProcess> {
    const started = new WarrenProcess(parameters, environment);
    await started.ready();
    return started;
  }

  /** Waits for `Warren is ready` and the addresses after it. */
  async ready(): Promise<void> {
    const ended = this.#ended.then(() => {
      throw new Error(`warren ended before it was ready: ${this.stderr}${this.stdout}`);
    });
    await Promise.race([ended, this.#printed(/Warren is ready\n(?: {2}.*\n)+/)]);
    ended.catch(() => undefined);
  }

  /** An address from the lines after `Warren is ready`, such as that of `store`. */
  address(name: string): string {
    const address = new RegExp(`^ {2}${name} +(\\S+)$`, 'm').exec(this.stdout)?.[1];
    if (address === undefined) throw new Error(`no address of ${name} in ${this.stdout}`);
    return address;
  }

  /** The AMQP address with the user that may come from loopback. */
  get brokerUrl(): string {
    return this.address('broker').replace('amqp://', 'amqp://guest:guest@');
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    this.child.kill(signal);
    return await this.outcome();
  }

  /** Waits for the end. */
  async outcome(): Promise<Outcome> {
    const [exitCode, signal] = await this.#ended;
    return { exitCode, signal, stdout: this.stdout, stderr: this.stderr };
  }

  /** Ends it with its test. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), 12_000);
    await this.#ended;
    clearTimeout(killer);
  }

  async #printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stdout)) await once(this.child.stdout as NodeJS.ReadableStream, 'data');
  }
}

/** Runs a command to its end. */
export async function runWarren(
  parameters: readonly string[],
  environment: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Promise<Outcome> {
  const running = new WarrenProcess(parameters, environment, wrapper);
  running.child.stdin?.end();
  return await running.outcome();
}
