/** A broker in a process of its own, so that it can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Starts one on a data directory and a free port. */
export async function spawnBroker(dataDirectory: string): Promise<{ process: ChildProcess; port: number }> {
  const program = `
    import(${JSON.stringify(new URL('../../broker/broker.js', import.meta.url).href)})
      .then(({ Broker }) => Broker.start({ port: 0, dataDirectory: ${JSON.stringify(dataDirectory)} }))
      .then((broker) => process.stdout.write(String(broker.port)));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, port: Number(port.toString()) };
}
