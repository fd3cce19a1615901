// Warren's broker in a process of its own, so that its CPU and memory can be told from the load's. Says its
// port to its parent, and stops with it. The data directory is the first argument; without one, messages
// stay in memory.
import { once } from 'node:events';
import { Broker } from '../broker/broker.js';

const dataDirectory = process.argv[2];
const broker = await Broker.start({
  host: '127.0.0.1',
  port: 0,
  ...(dataDirectory ? { dataDirectory } : {}),
});
process.send?.({ port: broker.port });
await once(process, 'disconnect');
await broker.stop();
