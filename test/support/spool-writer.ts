/** A process that spools, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LogRecord } from '../../agents/record.js';

const module = new URL('../../agents/publisher.js', import.meta.url).href;

/**
 * Starts a process with the broker away that publishes lines, flushes them into the spool, and goes on
 * living.
 *
 * @param to how many lines, `line 0` and so on
 * @param record what each line is beside its message and id
 */
export async function startSpoolWriter(
  directory: string,
  exchange: string,
  to: number,
  record: LogRecord,
): Promise<ChildProcess> {
  const options = { url: 'amqp://127.0.0.1:1', exchange, spool: { directory } };
  const source = `
    import { newEventId, Publisher } from ${JSON.stringify(module)};
    const publisher = Publisher.start(${JSON.stringify(options)});
    for (let n = 0; n < ${to}; n += 1) {
      publisher.publish({ ...${JSON.stringify(record)}, message: 'line ' + n, event: { id: newEventId() } });
    }
    console.log(await publisher.flush());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  if (said.toString().trim() !== 'true') throw new Error(`The flush has failed: ${said.toString()}`);
  return child;
}

/** Kills a process, and resolves once it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
