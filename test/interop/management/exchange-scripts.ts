// Exchanges and bindings.
import { type ManagementScript, script } from './script.js';

export const exchangeScripts: readonly ManagementScript[] = [
  script('an exchange is declared, declared again, and deleted', async (player) => {
    const body = { type: 'topic', durable: true, arguments: { 'alternate-exchange': 'amq.fanout' } };
    await player.requests(
      ['PUT /api/exchanges/proof/x', { body }],
      ['PUT /api/exchanges/proof/x', { body }],
      'GET /api/exchanges/proof/x',
      ['PUT /api/exchanges/proof/x', { body: { ...body, type: 'direct' } }],
      ['PUT /api/exchanges/proof/x', { body: { ...body, arguments: {} } }],
      'DELETE /api/exchanges/proof/x',
      'DELETE /api/exchanges/proof/x',
      'GET /api/exchanges/proof/x',
    );
  }),
  script('what an exchange is declared with has its types', async (player) => {
    for (const body of [
      {},
      { type: 'unheard-of' },
      { type: 1 },
      { type: null },
      { type: 'direct', durable: 'x' },
      { type: 'direct', auto_delete: 'x' },
      { type: 'direct', internal: 'x' },
      { type: 'direct', arguments: 'x' },
      { type: 'direct', unknown: 1 },
      { type: 'direct', arguments: { 'alternate-exchange': 1 } },
      { type: 'x-consistent-hash', arguments: { 'hash-header': 1 } },
    ]) {
      await player.request('PUT /api/exchanges/proof/typed', { body });
      await player.quietly('DELETE /api/exchanges/proof/typed');
    }
    await player.requests(
      ['PUT /api/exchanges/proof/typed', { body: '{bad' }],
      ['PUT /api/exchanges/proof/typed', { body: '' }],
    );
  }),
  script('an exchange that is there from the start stays', async (player) => {
    await player.requests(
      'DELETE /api/exchanges/proof/amq.direct',
      'DELETE /api/exchanges/proof/amq.default',
      ['PUT /api/exchanges/proof/amq.direct', { body: { type: 'direct', durable: true } }],
      ['PUT /api/exchanges/proof/amq.mine', { body: { type: 'direct' } }],
      ['PUT /api/exchanges/proof/amq.default', { body: { type: 'direct', durable: true } }],
      'GET /api/exchanges/proof/amq.default',
      'GET /api/exchanges/proof/amq.topic',
      'GET /api/exchanges/proof?sort=name',
      'GET /api/exchanges/nowhere',
    );
  }),
  script('an exchange is deleted only if unused where that is asked', async (player) => {
    await player.requests(
      ['PUT /api/exchanges/proof/x', { body: { type: 'direct' } }],
      ['PUT /api/queues/proof/q', { body: {} }],
      ['POST /api/bindings/proof/e/x/q/q', { body: {} }],
      'DELETE /api/exchanges/proof/x?if-unused=true',
      'DELETE /api/exchanges/proof/x?if-unused=false',
    );
  }),
  script('names of exchanges may hold what paths may not', async (player) => {
    for (const name of ['a/b', 'a%b', 'a b', 'été ☃', '"quoted"']) {
      const path = `/api/exchanges/proof/${encodeURIComponent(name)}`;
      await player.requests([`PUT ${path}`, { body: { type: 'direct' } }], `GET ${path}`, `DELETE ${path}`);
    }
  }),
  script('an exchange that works counts its messages', async (player) => {
    const channel = await player.channel();
    await channel.assertQueue('q');
    // Of a name that no other script uses: RabbitMQ goes on counting where another exchange left off.
    await channel.assertExchange('counting', 'fanout');
    await channel.bindQueue('q', 'counting', '');
    for (const body of ['one', 'two']) channel.publish('counting', 'k', Buffer.from(body));
    await channel.checkQueue('q');
    await player.until(
      'GET /api/exchanges/proof/counting',
      (exchange: { message_stats?: { publish_in?: number } }) => exchange.message_stats?.publish_in === 2,
    );
  }),
  script('a binding’s properties key is made of its routing key and arguments', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    for (const body of [
      { routing_key: 'plain' },
      { routing_key: '' },
      { routing_key: 'a/b' },
      { routing_key: 'a b~c' },
      { routing_key: 'a%b' },
      { routing_key: 'é☃' },
      { routing_key: 'k', arguments: { a: 1 } },
      { routing_key: '', arguments: { a: 'x', b: true } },
      { routing_key: '~' },
      {},
      { routing_key: 'again' },
      { routing_key: 'again' },
    ]) {
      await player.request('POST /api/bindings/proof/e/amq.direct/q/q', { body });
    }
    await player.requests(
      'GET /api/bindings/proof/e/amq.direct/q/q',
      'GET /api/bindings/proof/e/amq.direct/q/q/plain',
      'GET /api/bindings/proof/e/amq.direct/q/q/~',
      'GET /api/bindings/proof/e/amq.direct/q/q/a%252Fb',
      'GET /api/bindings/proof/e/amq.direct/q/q/a%2520b%257Ec',
      'GET /api/bindings/proof/e/amq.direct/q/q/none',
      'DELETE /api/bindings/proof/e/amq.direct/q/q/plain',
      'DELETE /api/bindings/proof/e/amq.direct/q/q/plain',
      'DELETE /api/bindings/proof/e/amq.direct/q/q/~',
      'GET /api/queues/proof/q/bindings?columns=properties_key',
    );
  }),
  script('what a binding is made with has its types', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    for (const body of [
      { routing_key: 1 },
      { routing_key: null },
      { arguments: 'x' },
      { arguments: [] },
      { unknown: 1 },
      '{bad',
      '',
    ]) {
      await player.request('POST /api/bindings/proof/e/amq.direct/q/q', { body });
    }
    await player.requests(
      ['POST /api/bindings/proof/e/none/q/q', { body: {} }],
      ['POST /api/bindings/proof/e/amq.direct/q/none', { body: {} }],
      ['POST /api/bindings/proof/e/amq.direct/e/none', { body: {} }],
      ['POST /api/bindings/proof/e/amq.direct/z/q', { body: {} }],
      ['POST /api/bindings/nowhere/e/amq.direct/q/q', { body: {} }],
      ['POST /api/bindings/proof/e//q/q', { body: {} }],
      ['POST /api/bindings/proof/e/amq.headers/q/q', { body: { arguments: { 'x-match': 'nonsense' } } }],
      ['PUT /api/bindings/proof/e/amq.direct/q/q/k', { body: {} }],
      'GET /api/bindings/proof/e/amq.direct/q/none',
      'GET /api/bindings/nowhere',
    );
  }),
  script('exchanges are bound to each other, and bindings are listed from both ends', async (player) => {
    await player.requests(
      ['PUT /api/exchanges/proof/x', { body: { type: 'topic', durable: true } }],
      ['POST /api/bindings/proof/e/x/e/amq.fanout', { body: { routing_key: 'a.#' } }],
      'GET /api/bindings/proof/e/x/e/amq.fanout',
      'GET /api/bindings/proof/e/x/e/amq.fanout/a.%23',
      'GET /api/exchanges/proof/x/bindings/source',
      'GET /api/exchanges/proof/x/bindings/destination',
      'GET /api/exchanges/proof/amq.fanout/bindings/destination',
      'GET /api/exchanges/proof/none/bindings/source',
      ['PUT /api/queues/proof/q', { body: {} }],
      'GET /api/queues/proof/q/bindings',
      'GET /api/queues/proof/none/bindings',
      'GET /api/exchanges/proof/amq.default/bindings/source',
      'GET /api/bindings/proof',
      'DELETE /api/bindings/proof/e/x/e/amq.fanout/a.%23',
      'DELETE /api/bindings/proof/e/x/e/none/a',
    );
  }),
];
