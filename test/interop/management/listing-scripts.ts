// Listings: pages, names, sorting and columns.
import type { ManagementPlayer } from './player.js';
import { type ManagementScript, script } from './script.js';

async function declareSome(player: ManagementPlayer): Promise<void> {
  for (const name of ['apple', 'banana', 'cherry', 'date', 'elder.berry']) {
    await player.quietly(`PUT /api/queues/proof/${name}`, { body: { durable: name < 'c' } });
  }
}

const inOrder = { inOrder: true };

export const listingScripts: readonly ManagementScript[] = [
  script('queues are told by pages', async (player) => {
    await declareSome(player);
    for (const query of [
      'page=1&page_size=2',
      'page=2&page_size=2',
      'page=3&page_size=2',
      'page=4&page_size=2',
      'page=0&page_size=2',
      'page=-1',
      'page=x',
      'page=1.5',
      'page=',
      'page=1&page_size=0',
      'page=1&page_size=-1',
      'page=1&page_size=x',
      'page=1&page_size=500',
      'page=1&page_size=501',
      'page=1',
      'page_size=2',
      'page=99999999999999999999',
    ]) {
      const request = `GET /api/queues/proof?${query}&columns=name&sort=name`;
      await player.request(request, inOrder);
    }
  }),
  script('queues are told by name', async (player) => {
    await declareSome(player);
    for (const query of [
      'page=1&name=an',
      'page=1&name=AN',
      'page=1&name=none',
      'page=1&name=elder.b',
      'page=1&name=a.p&use_regex=true',
      'page=1&name=%5E(apple|date)%24&use_regex=true',
      'page=1&name=(&use_regex=true',
      'page=1&name=(&use_regex=false',
      'page=1&name=a&use_regex=nonsense',
      'page=1&use_regex=true',
      'page=1&name=',
      'name=apple',
      'page=1&page_size=1&name=e',
    ]) {
      await player.request(`GET /api/queues/proof?${query}&columns=name&sort=name`, inOrder);
    }
  }),
  script('queues are sorted', async (player) => {
    await declareSome(player);
    for (const query of [
      'sort=name',
      'sort=name&sort_reverse=true',
      'sort=name&sort_reverse=false',
      'sort=name&sort_reverse=nonsense',
      'page=1&page_size=3&sort=name&sort_reverse=true',
      'sort_reverse=true',
    ]) {
      await player.request(`GET /api/queues/proof?${query}&columns=name`, inOrder);
    }
    await player.requests(
      'GET /api/queues/proof?sort=nonsense&columns=name',
      'GET /api/queues/proof?sort=durable&columns=name,durable',
    );
  }),
  script('columns say which fields are told', async (player) => {
    await declareSome(player);
    for (const columns of [
      'name',
      'name,vhost',
      'vhost,arguments.x',
      'nonsense',
      'name,nonsense',
      '',
      'name.x',
      ',name',
    ]) {
      await player.request(`GET /api/queues/proof?columns=${columns}&sort=name`);
    }
    await player.requests(
      ['PUT /api/queues/proof/limited', { body: { arguments: { 'x-max-length': 5, 'x-expires': 60_000 } } }],
      'GET /api/queues/proof/limited?columns=name,arguments.x-max-length',
      'GET /api/queues/proof/limited?columns=arguments.none',
      'GET /api/queues/proof/apple?columns=name,durable',
      'GET /api/exchanges/proof?columns=name,type',
      'GET /api/exchanges/proof/amq.topic?columns=type',
      'GET /api/bindings/proof?columns=source,destination',
      'GET /api/vhosts?columns=name',
      'GET /api/vhosts/proof?columns=name,tracing',
      'GET /api/users?columns=name,tags',
      'GET /api/permissions?columns=user,vhost',
      'GET /api/nodes?columns=name,running,type',
      'GET /api/overview?columns=node,object_totals',
    );
  }),
  script('exchanges, virtual hosts and more are told by pages too', async (player) => {
    await player.requests(
      ['GET /api/exchanges/proof?page=1&page_size=3&sort=name&columns=name', inOrder],
      ['GET /api/exchanges/proof?page=1&name=amq.f&columns=name', inOrder],
      ['GET /api/exchanges/proof?page=9&page_size=3', inOrder],
      'GET /api/vhosts?page=1&columns=name',
      'GET /api/users?page=1&columns=name',
      'GET /api/connections?page=1',
      'GET /api/channels?page=1',
      'GET /api/connections?page=x',
      'GET /api/bindings/proof?page=1',
      'GET /api/policies?page=1',
      'GET /api/consumers?page=1',
    );
  }),
  script('RabbitMQ’s query parameters of samples are taken', async (player) => {
    await player.quietly('PUT /api/queues/proof/q', { body: {} });
    await player.requests(
      'GET /api/overview?columns=node&lengths_age=60&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5',
      'GET /api/queues/proof/q?columns=name&lengths_age=x&lengths_incr=5',
      'GET /api/queues/proof?columns=name&disable_stats=true&enable_queue_totals=true',
    );
  }),
];
