// What the panels of dashboard 10991 show of the traffic.
import { ROUND, SIZES, STANDING } from './traffic.js';

export interface Expectation {
  readonly exactly?: number;
  /** Within a tenth: Prometheus extrapolates what is put into relation each for itself. */
  readonly about?: number;
  /** Of a rate: how often it happens in a round. */
  readonly perRound?: number;
  readonly atMostPerRound?: number;
  readonly atLeast?: number;
  readonly labels?: readonly string[];
}

const GRAPH = ['rabbitmq_node'];

const exactly = (value: number): Expectation => ({ exactly: value });
const perRound = (count: number): Expectation => ({ perRound: count, labels: GRAPH });
const share = (count: number): Expectation => ({ about: count / ROUND.received });

const small = ROUND.received - SIZES.length;
const bytes = SIZES.reduce((sum, size) => sum + size, small * SIZES[0]);

export const EXPECTED: Readonly<Record<string, Expectation>> = {
  'Ready messages': exactly(STANDING.ready),
  'Outgoing messages / s': { atLeast: 1 },
  Publishers: exactly(STANDING.publishers),
  Connections: exactly(STANDING.connections),
  Queues: exactly(STANDING.queues),
  'Unacknowledged messages': exactly(STANDING.unacked),
  'Incoming messages / s': { atLeast: 1 },
  Consumers: exactly(STANDING.consumers),
  Channels: exactly(STANDING.channels),
  Nodes: exactly(1),
  'The table of nodes': { atLeast: 1, labels: ['rabbitmq_version', 'erlang_version', 'rabbitmq_node'] },
  'Memory available before publishers blocked': { atLeast: 1, labels: GRAPH },
  'Disk space available before publishers blocked': { atLeast: 1, labels: GRAPH },
  'Messages ready to be delivered to consumers': { exactly: STANDING.ready, labels: GRAPH },
  'Messages pending consumer acknowledgement': { exactly: STANDING.unacked, labels: GRAPH },
  'Messages published / s': perRound(ROUND.received),
  'Avg Size': { about: bytes / ROUND.received },
  'Message Size Distribution: 0-100B': share(small + 1),
  'Message Size Distribution: 100B-1KB': share(1),
  'Message Size Distribution: 1KB-10KB': share(1),
  'Message Size Distribution: 10KB-100KB': share(1),
  'Message Size Distribution: 100KB-1MB': share(0),
  'Message Size Distribution: 1MB-10MB': share(0),
  'Message Size Distribution: 10MB-50MB': share(0),
  'Message Size Distribution: 50MB-100MB': share(0),
  'Message Size Distribution: 100MB+': share(0),
  'Messages routed to queues / s': perRound(ROUND.routed),
  'Messages confirmed to publishers / s': perRound(ROUND.confirmed),
  'Unroutable messages dropped & returned / s: dropped': perRound(ROUND.dropped),
  'Unroutable messages dropped & returned / s: returned': perRound(ROUND.returned),
  'Unroutable messages dropped / s': perRound(ROUND.dropped),
  'Unroutable messages returned to publishers / s': perRound(ROUND.returned),
  // A difference of two rates, each extrapolated for itself: next to nothing.
  'Messages unconfirmed to publishers / s': { atMostPerRound: ROUND.confirmed / 2, labels: GRAPH },
  'Messages delivered / s': perRound(ROUND.delivered),
  'Messages redelivered / s': perRound(ROUND.redelivered),
  'Messages delivered with manual ack / s': perRound(ROUND.deliveredManual),
  'Messages delivered auto ack / s': perRound(ROUND.deliveredAutomatic),
  'Messages acknowledged / s': perRound(ROUND.acknowledged),
  'Polling operations with auto ack / s': perRound(ROUND.fetchedAutomatic),
  'Polling operations that yield no result / s': perRound(ROUND.foundEmpty),
  'Polling operations with manual ack / s': perRound(ROUND.fetchedManual),
  'Total queues': { exactly: STANDING.queues, labels: GRAPH },
  'Queues declared / s': perRound(ROUND.queuesDeclared),
  'Queues created / s': perRound(ROUND.queuesCreated),
  'Queues deleted / s': perRound(ROUND.queuesDeleted),
  'Total channels': { exactly: STANDING.channels, labels: GRAPH },
  'Channels opened / s': perRound(ROUND.channels),
  'Channels closed / s': perRound(ROUND.channels),
  'Total connections': { exactly: STANDING.connections, labels: GRAPH },
  'Connections opened / s': perRound(ROUND.connections),
  'Connections closed / s': perRound(ROUND.connections),
  'File descriptors available': { atLeast: 1, labels: GRAPH },
};

/** What the earlier revisions show under the same title otherwise. */
export const EARLIER_EXPECTED: Readonly<Record<string, Expectation>> = {
  ...EXPECTED,
  Publishers: exactly(STANDING.channels - STANDING.consumers),
  'Incoming messages / s': { perRound: ROUND.received },
  'Outgoing messages / s': {
    perRound: ROUND.delivered + ROUND.redelivered + ROUND.fetchedManual + ROUND.fetchedAutomatic,
  },
};

/** Panels of the earlier revisions that stay empty, and why. */
export const UNANSWERED: Readonly<Record<string, string>> = {
  'TCP sockets available': 'RabbitMQ 4 has no such metrics either',
};
