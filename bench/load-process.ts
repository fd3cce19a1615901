// The handle on a load process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Contestant } from './contestant.js';
import type { LoadCount, LoadPlan } from './load-plan.js';

type Address = 'host' | 'port' | 'user' | 'password';

export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #target: string;

  private constructor(child: ChildProcess, target: string) {
    this.#child = child;
    this.#target = target;
  }

  /** Resolves when all connections stand; nothing is published before `begin`. */
  static async start(contestant: Contestant, plan: Omit<LoadPlan, Address>): Promise<LoadProcess> {
    const { hostname, port, username, password } = new URL(contestant.url);
    const address: Pick<LoadPlan, Address> = {
      host: hostname,
      port: Number(port || 5672),
      user: username || 'guest',
      password: password || 'guest',
    };
    const child = fork(new URL('./load.js', import.meta.url), [JSON.stringify({ ...plan, ...address })]);
    await once(child, 'message');
    return new LoadProcess(child, contestant.name);
  }

  begin(): void {
    this.#child.send('start');
  }

  async count(): Promise<LoadCount> {
    const answered = once(this.#child, 'message');
    this.#child.send('count');
    const [answer] = (await answered) as [LoadCount];
    if (answer.closed) throw new Error(`${this.#target} refused the load: ${answer.closed}`);
    return answer;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.send('stop');
    await ended;
  }
}
