/**
 * The opening of a connection: protocol header, start, tune, open (specification 2.2.4), as a state
 * machine. It says what to send; the connection sends it.
 */
import { FRAME_BYTES_MIN } from '../protocol/constants.js';
import { type FieldTable, type FieldValue, longString } from '../protocol/field-table.js';
import type { MethodArguments } from '../protocol/method-codec.js';
import { ProtocolError } from '../protocol/protocol-error.js';

/** What the broker offers in connection.tune. */
export interface Limits {
  channelsMax: number;
  frameBytesMax: number;
  heartbeatSeconds: number;
}

/** The version clients compare with, and whose semantics are followed. */
const VERSION = '4.0.5';

/** What a broker is called until an operator calls it something else. */
export const CLUSTER_NAME = 'warren@localhost';

const CAPABILITIES = [
  'publisher_confirms',
  'exchange_exchange_bindings',
  'basic.nack',
  'consumer_cancel_notify',
  'connection.blocked',
  'consumer_priorities',
  'authentication_failure_close',
  'per_consumer_qos',
  'direct_reply_to',
];

const TRUE: FieldValue = { type: 'bool', value: true };

/** The server-properties of connection.start. */
export const SERVER_PROPERTIES: FieldTable = new Map<string, FieldValue>([
  ['capabilities', { type: 'table', value: new Map(CAPABILITIES.map((name) => [name, TRUE])) }],
  ['cluster_name', longString(CLUSTER_NAME)],
  ['copyright', longString('Copyright the Warren authors')],
  ['information', longString('Licensed under the Apache License 2.0')],
  ['platform', longString('Node.js')],
  ['product', longString('RabbitMQ')],
  ['version', longString(VERSION)],
]);

/** What a client said it can do. */
export interface ClientCapabilities {
  consumerCancelNotify: boolean;
  authenticationFailureClose: boolean;
  connectionBlocked: boolean;
}

/** Reads the client-properties of connection.start-ok. */
export function clientCapabilities(properties: FieldTable): ClientCapabilities {
  const table = properties.get('capabilities');
  const has = (name: string): boolean => table?.type === 'table' && table.value.get(name)?.value === true;
  return {
    consumerCancelNotify: has('consumer_cancel_notify'),
    authenticationFailureClose: has('authentication_failure_close'),
    connectionBlocked: has('connection.blocked'),
  };
}

/**
 * Settles the limits of a connection by what the client answered.
 *
 * @throws ProtocolError 530 when the client asks for more than was offered, or too little
 */
export function negotiate(offered: Limits, answer: MethodArguments<'connection.tune-ok'>): Limits {
  requireWithin('frame_max', FRAME_BYTES_MIN, offered.frameBytesMax, answer.frameMax);
  requireWithin('channel_max', 1, offered.channelsMax, answer.channelMax);
  return {
    channelsMax: answer.channelMax,
    frameBytesMax: answer.frameMax,
    heartbeatSeconds: answer.heartbeat,
  };
}

function requireWithin(field: string, least: number, most: number, value: number): void {
  if (value !== 0 && value < least) {
    throw new ProtocolError(
      530,
      `negotiated ${field} = ${value} is lower than the minimum allowed value (${least})`,
    );
  }
  if (value === 0 || value > most) {
    throw new ProtocolError(
      530,
      `negotiated ${field} = ${value} is higher than the maximum allowed value (${most})`,
    );
  }
}
