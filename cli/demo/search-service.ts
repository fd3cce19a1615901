/** The demo's product search: mostly quick, slow now and then, and debug lines about its cache. */
import { setTimeout as wait } from 'node:timers/promises';
import { runService } from './service.js';

const PRODUCTS = ['lamp', 'desk lamp', 'table', 'round table', 'chair', 'arm chair', 'shelf', 'sofa', 'rug'];
const SLOW_EVERY = 17;
const SLOW_MS = 400;
const SLOW_MS_MIN = 300;

await runService('search', (server) => {
  let searches = 0;
  server.get<{ Querystring: { q?: string } }>('/search', async (request) => {
    const query = request.query.q ?? '';
    const startedAt = performance.now();
    searches += 1;
    if (searches % SLOW_EVERY === 0) await wait(SLOW_MS);
    const found = PRODUCTS.filter((product) => product.includes(query));
    const tookMs = Math.round(performance.now() - startedAt);
    const result = { query, hits: found.length, tookMs };
    if (tookMs >= SLOW_MS_MIN) request.log.warn({ search: result }, 'Slow search');
    else request.log.info({ search: result }, found.length === 0 ? 'Nothing found' : 'Search answered');
    return { found };
  });
});
