/** How much of everything there is at the moment, and who this broker is. */
import { PRODUCT, PRODUCT_VERSION, VERSION } from '../shown/product.js';
import { type Exposition, label } from './exposition.js';
import type { Scope, Steps } from './family.js';
import type { Readings } from './readings.js';

/** Objects looked at in one step. */
const STEP = 128;

interface Totals {
  channels: number;
  consumers: number;
  publishers: number;
  queues: number;
}

function* count({ broker, connections }: Readings, totals: Totals): Steps {
  for (const { consuming, counters } of connections.channels()) {
    totals.channels++;
    totals.consumers += consuming.consumers.size;
    if (counters.publishes.size > 0) totals.publishers++;
    if (totals.channels % STEP === 0) yield;
  }
  for (const { queues } of broker.host.virtualHosts) totals.queues += queues.size;
}

/** What is open at the moment. */
export function* writeTotals({ source, exposition, prefix }: Scope<Readings>): Steps {
  const totals: Totals = { channels: 0, consumers: 0, publishers: 0, queues: 0 };
  yield* count(source, totals);
  const gauge = (name: string, help: string, value: number, labels = ''): void => {
    exposition.begin(prefix + name, 'gauge', help);
    exposition.sample(labels, value);
  };
  gauge('connections', 'Connections open', source.connections.size);
  gauge('channels', 'Channels open', totals.channels);
  gauge('consumers', 'Consumers there are', totals.consumers);
  gauge('queues', 'Queues there are', totals.queues);
  const protocol = label('protocol', 'amqp091');
  gauge('global_publishers', 'Channels that have published', totals.publishers, protocol);
  gauge('global_consumers', 'Consumers there are', totals.consumers, protocol);
}

/** Which alarms are in effect. */
export function writeAlarms({ source, exposition, prefix }: Scope<Readings>): void {
  const { alarms } = source.broker.host;
  const alarm = (name: string, help: string, set: boolean): void => {
    exposition.begin(`${prefix}alarms_${name}`, 'untyped', help);
    exposition.sample('', set ? 1 : 0);
  };
  alarm('memory_used_watermark', '1 while publishers are blocked for want of memory', alarms.has('memory'));
  alarm('free_disk_space_watermark', '1 while publishers are blocked for want of disk', alarms.has('disk'));
}

/** Who this is: what dashboards join by. Under the same name at every endpoint. */
export function writeIdentity(exposition: Exposition, { broker, endpoint }: Readings): void {
  const { globalParameters } = broker.access;
  exposition.begin('rabbitmq_build_info', 'untyped', 'Always 1; its labels are versions');
  exposition.sample(
    labels({
      rabbitmq_version: VERSION,
      prometheus_plugin_version: PRODUCT_VERSION,
      prometheus_client_version: PRODUCT_VERSION,
      // What takes Erlang's place.
      erlang_version: `Node.js ${process.versions.node}`,
      product_name: PRODUCT,
      product_version: PRODUCT_VERSION,
    }),
    1,
  );
  exposition.begin('rabbitmq_identity_info', 'untyped', 'Always 1; its labels name the broker');
  exposition.sample(
    labels({
      rabbitmq_node: broker.nodeName,
      rabbitmq_cluster: globalParameters.clusterName,
      rabbitmq_cluster_permanent_id: globalParameters.clusterId,
      rabbitmq_endpoint: endpoint,
    }),
    1,
  );
}

function labels(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => label(name, value))
    .join(',');
}
