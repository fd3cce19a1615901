/** The families of metrics of exchanges and of virtual hosts. */
import type { Exchange } from '../../routing/exchange.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import { label } from './exposition.js';
import { family, type Row } from './family.js';
import type { Readings } from './readings.js';

function* exchanges({ virtualHosts }: Readings): Iterable<Row<Exchange>> {
  for (const { name, exchanges } of virtualHosts) {
    const vhost = label('vhost', name);
    for (const exchange of exchanges.byName.values()) {
      yield { labels: `${vhost},${label('exchange', exchange.name)}`, object: exchange };
    }
  }
}

/** Those with a name that clients can publish to, with their type. */
function* namedExchanges(readings: Readings): Iterable<Row<Exchange>> {
  for (const { labels, object } of exchanges(readings)) {
    if (object.internal || object.name === '') continue;
    yield { labels: `${labels},${label('type', object.type)}`, object };
  }
}

export const exchangeCounts = family<Readings, Exchange>({
  name: 'exchange_metrics',
  metrics: [
    {
      name: 'exchange_messages_published_total',
      type: 'counter',
      help: 'Messages that clients published to an exchange',
      read: ({ publishIn }) => publishIn,
    },
  ],
  rows: exchanges,
});
export const exchangeBindings = family<Readings, Exchange>({
  name: 'exchange_bindings',
  metrics: [
    {
      name: 'exchange_bindings',
      type: 'gauge',
      help: 'Bindings that lead from an exchange',
      read: ({ bindings }) => bindings.size,
    },
  ],
  rows: namedExchanges,
});
export const exchangeNames = family<Readings, Exchange>({
  name: 'exchange_names',
  metrics: [
    { name: 'exchange_name', type: 'gauge', help: 'Always 1; its labels name an exchange', read: () => 1 },
  ],
  rows: namedExchanges,
});
export const virtualHostStatus = family<Readings, VirtualHost>({
  name: 'vhost_status',
  metrics: [
    {
      name: 'vhost_status',
      type: 'gauge',
      help: 'Whether a virtual host is running: as long as it is there',
      read: () => 1,
    },
  ],
  rows: function* ({ virtualHosts }) {
    for (const object of virtualHosts) yield { labels: label('vhost', object.name), object };
  },
});
