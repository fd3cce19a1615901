/** What the broker says it is. */
import { createRequire } from 'node:module';
import { textOf } from '../../protocol/field-table.js';
import { EXCHANGE_TYPES, type ExchangeType } from '../../routing/exchange.js';
import { SERVER_PROPERTIES } from '../../transport/handshake.js';

/** The version of RabbitMQ whose interface this is. */
export const VERSION = textOf(SERVER_PROPERTIES.get('version')) ?? '';
export const PRODUCT = 'Warren';
/** Warren's own version. */
export const PRODUCT_VERSION: string = (
  createRequire(import.meta.url)('warren/package.json') as { version: string }
).version;

const EXCHANGE_DESCRIPTIONS: Readonly<Record<ExchangeType, string>> = {
  direct: 'AMQP direct exchange, as per the AMQP specification',
  fanout: 'AMQP fanout exchange, as per the AMQP specification',
  headers: 'AMQP headers exchange, as per the AMQP specification',
  topic: 'AMQP topic exchange, as per the AMQP specification',
  'x-consistent-hash': 'Consistent hashing exchange',
  'x-random': 'Routes to one binding, picked at random',
  'x-recent-history': 'Recent history exchange',
};

export const EXCHANGE_TYPES_SHOWN = EXCHANGE_TYPES.map((name) => ({
  name,
  description: EXCHANGE_DESCRIPTIONS[name],
  enabled: true,
}));

export const MECHANISMS_SHOWN = [
  { name: 'PLAIN', description: 'SASL PLAIN authentication mechanism', enabled: true },
  { name: 'AMQPLAIN', description: 'AMQPLAIN mechanism', enabled: true },
];
