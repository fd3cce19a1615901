/** Whether the store and the broker answer, and how long the pipeline's queues are. */
import type { FastifyInstance } from 'fastify';
import { DEAD_QUEUE, INDEX_QUEUE } from '../../../collector/topology.js';
import type { ConsoleHealth } from '../model/api.js';
import type { BrokerLink } from './broker-link.js';
import { reasonOf, shownUrl } from './console-error.js';
import type { LetterDesk } from './letter-desk.js';
import type { LogSearch } from './log-search.js';
import { storeError } from './store-error.js';

/** The store is given this long. */
const STORE_TIMEOUT_MS = 5000;

/** An answer is used for this long, however many pages ask. */
const FRESH_MS = 2000;

/** What is asked. */
interface Engines {
  search: LogSearch;
  link: BrokerLink;
  desk: LetterDesk;
}

/** Adds `GET /api/health`. */
export function addHealthRoutes(server: FastifyInstance, engines: Engines): void {
  let known: { at: number; health: Promise<ConsoleHealth> } | undefined;
  server.get('/api/health', () => {
    if (!known || Date.now() - known.at > FRESH_MS) {
      known = { at: Date.now(), health: readHealth(engines) };
    }
    return known.health;
  });
}

async function readHealth({ search, link, desk }: Engines): Promise<ConsoleHealth> {
  const [store, broker] = await Promise.all([storeHealth(search), brokerHealth(link, desk)]);
  return { store, broker, index: search.index };
}

async function storeHealth(search: LogSearch): Promise<ConsoleHealth['store']> {
  const url = shownUrl(search.url);
  try {
    const within = { requestTimeout: STORE_TIMEOUT_MS };
    const [info, health] = await Promise.all([
      search.client.info({}, within),
      search.client.cluster.health({}, within),
    ]);
    const down = health.status === 'red';
    return {
      up: !down,
      url,
      version: `${info.cluster_name} ${info.version.number}`,
      status: health.status,
      problem: down ? 'Its state is red: some of its data cannot be read. Look at its own log.' : null,
    };
  } catch (error) {
    return { up: false, url, version: null, status: null, problem: storeError(error, search.url).message };
  }
}

async function brokerHealth(link: BrokerLink, desk: LetterDesk): Promise<ConsoleHealth['broker']> {
  const url = shownUrl(link.url);
  try {
    const connection = await link.connection();
    const { product, version } = connection.connection.serverProperties;
    const [ready, dead] = await Promise.all([
      queueLength(link, INDEX_QUEUE),
      desk.length(() => queueLength(link, DEAD_QUEUE)),
    ]);
    return { up: true, url, version: `${product} ${version}`, problem: null, ready, dead };
  } catch (error) {
    return { up: false, url, version: null, problem: reasonOf(error), ready: null, dead: null };
  }
}

/** Messages that are ready; null for a queue that is not there, which closes the channel asked on. */
async function queueLength(link: BrokerLink, queue: string): Promise<number | null> {
  const channel = await link.channel();
  try {
    const { messageCount } = await channel.checkQueue(queue);
    await channel.close();
    return messageCount;
  } catch {
    return null;
  }
}
