/** Connections, channels and consumers as JSON. */
import { textOf } from '../../protocol/field-table.js';
import type { Consumer } from '../../queue/consumer.js';
import type { Exchange } from '../../routing/exchange.js';
import type { Channel } from '../../transport/channel.js';
import type { ConnectionRegistry, ListedConnection } from '../../transport/connection-registry.js';
import { Consuming } from '../../transport/consuming.js';
import { toJson } from '../field-json.js';
import { deliveryCounts, messageStats, publishCounts, type Showing, withRates } from './statistics.js';

/** A channel with the connection it is on. */
export interface ListedChannel {
  readonly connection: ListedConnection;
  readonly channel: Channel;
}

export function channelName({ connection, channel }: ListedChannel): string {
  return `${connection.name} (${channel.number})`;
}

export function showConnection({ nodeName, rates }: Showing, connection: ListedConnection): object {
  const { peer, local, tls, traffic, clientProperties, user } = connection;
  const embedded = connection.protocol === 'Direct 0-9-1';
  const octets = { recv_oct: traffic.receivedBytes, send_oct: traffic.sentBytes };
  return {
    name: connection.name,
    node: nodeName,
    vhost: connection.virtualHost.name,
    user,
    user_who_performed_action: user,
    user_provided_name: textOf(clientProperties.get('connection_name')),
    type: embedded ? 'direct' : 'network',
    protocol: connection.protocol,
    state: connection.listedState,
    connected_at: connection.connectedAt,
    host: local.address,
    port: local.port,
    peer_host: peer.address,
    peer_port: peer.port,
    auth_mechanism: connection.mechanism,
    ssl: tls !== undefined,
    ssl_protocol: tls?.protocol ?? null,
    ssl_cipher: tls?.cipher ?? null,
    ssl_key_exchange: null,
    ssl_hash: null,
    peer_cert_subject: tls?.certificate?.subject ?? null,
    peer_cert_issuer: tls?.certificate?.issuer ?? null,
    peer_cert_validity: tls?.certificate?.validity ?? null,
    client_properties: toJson(clientProperties),
    channel_max: connection.channelsMax,
    // An embedded connection has no frames that anything would limit.
    frame_max: embedded ? 0 : connection.frameBytesMax,
    timeout: connection.heartbeatSeconds,
    channels: connection.channelCount,
    ...withRates(octets, rates(connection)),
    recv_cnt: traffic.receivedCount,
    send_cnt: traffic.sentCount,
    send_pend: connection.sendPendingBytes,
  };
}

export function showChannel({ nodeName, rates }: Showing, listed: ListedChannel): object {
  const { connection, channel } = listed;
  const { consuming, counters, publisher, uncommitted } = channel;
  const counts = { ...publishCounts(counters.published), ...deliveryCounts(counters.delivered) };
  return {
    name: channelName(listed),
    number: channel.number,
    node: nodeName,
    vhost: connection.virtualHost.name,
    user: connection.user,
    user_who_performed_action: connection.user,
    connection_details: peerOf(connection),
    state: 'running',
    prefetch_count: consuming.consumerPrefetch,
    global_prefetch_count: consuming.channelPrefetch,
    consumer_count: consuming.consumers.size,
    messages_unacknowledged: consuming.unacked.count,
    messages_unconfirmed: publisher.confirms?.openCount ?? 0,
    messages_uncommitted: publisher.transaction?.length ?? 0,
    acks_uncommitted: uncommitted.count,
    confirm: publisher.confirms !== undefined,
    transactional: publisher.transaction !== undefined,
    ...messageStats(counts, rates(channel)),
  };
}

function peerOf({ name, peer }: ListedConnection): object {
  return { name, peer_host: peer.address, peer_port: peer.port };
}

/** Where messages to an exchange came from, by channel. */
export function* incomingOf(
  showing: Showing,
  connections: ConnectionRegistry,
  to: Exchange,
): Generator<object> {
  for (const connection of connections) {
    for (const channel of connection.openChannels) {
      const counts = channel.counters.publishes.get(to);
      if (counts === undefined) continue;
      const channel_details = channelDetails(showing.nodeName, channel.consuming);
      yield { channel_details, stats: withRates(publishCounts(counts)) };
    }
  }
}

/** A channel's consumers, and of one channel what was published and delivered, told apart. */
export function showChannelDetails(showing: Showing, listed: ListedChannel): object {
  const { counters, consuming } = listed.channel;
  const vhost = listed.connection.virtualHost.name;
  return {
    ...showChannel(showing, listed),
    consumer_details: [...consuming.consumers.values()].map((one) => showConsumer(showing, vhost, one)),
    publishes: [...counters.publishes].map(([exchange, counts]) => ({
      exchange: { name: exchange.name, vhost },
      stats: withRates(publishCounts(counts)),
    })),
    deliveries: [...counters.deliveries].map(([queue, counts]) => ({
      queue: { name: queue.name, vhost },
      stats: withRates(deliveryCounts(counts)),
    })),
  };
}

export function showConsumer({ nodeName }: Showing, vhost: string, consumer: Consumer): object {
  const { queue, subscriber } = consumer;
  const single = queue.consumers.singleActiveConsumer;
  const active = single === undefined || single === consumer;
  return {
    consumer_tag: consumer.tag,
    queue: { name: queue.name, vhost },
    exclusive: consumer.exclusive,
    ack_required: !consumer.noAck,
    prefetch_count: consumer.prefetch,
    active,
    activity_status: active ? 'up' : 'waiting',
    arguments: toJson(consumer.args),
    channel_details: subscriber instanceof Consuming ? channelDetails(nodeName, subscriber) : {},
  };
}

/** The channel that a consumer is on. */
export function channelDetails(node: string, { wire, channel }: Consuming): object {
  return {
    name: `${wire.name} (${channel})`,
    number: channel,
    node,
    connection_name: wire.name,
    peer_host: wire.peer.address,
    peer_port: wire.peer.port,
    user: wire.identity.user,
  };
}
