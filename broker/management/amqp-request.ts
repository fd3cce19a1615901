/**
 * What a request does to exchanges, queues and messages is done as an AMQP client of its user would do it,
 * so that permissions, limits, errors and counters are the same.
 */
import type { EmbeddedChannel } from '../embedding/embedded-channel.js';
import { EmbeddedError } from '../embedding/embedded-error.js';
import { EMPTY_TABLE, type FieldTable, type FieldValue, longString } from '../protocol/field-table.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import { badRequest, type HttpError, notAuthorised, notFound } from './http-error.js';
import type { ManagementRequest } from './request.js';

const REFUSED = 'Access refused.';
const NAME_BYTES_MAX = 255;

/** How an error of AMQP is told. */
type Telling = (error: EmbeddedError) => HttpError;

/** As for what RabbitMQ asks of its broker without a channel: by the explanation alone. */
const plainly: Telling = (error) => {
  const explanation = error.message.replace(/^[A-Z_]+ - /, '');
  if (error.replyCode === 404) return notFound(explanation);
  if (error.replyCode === 403 || error.replyCode === 530) return notAuthorised(REFUSED);
  return badRequest(explanation);
};

/** As for what it does on a channel: by the reply. */
const asReplied: Telling = (error) => {
  if (error.replyCode === 404) return notFound(error.message);
  if (error.replyCode === 403) return notAuthorised(error.message);
  return badRequest(`${error.replyCode} ${error.message}`);
};

/** Does something to the topology of a virtual host. Rejects with an HttpError for what AMQP refuses. */
export function changeTopology<Result>(
  request: ManagementRequest,
  { name }: VirtualHost,
  work: (channel: EmbeddedChannel) => Promise<Result>,
): Promise<Result> {
  return onChannel(request, name, plainly, work);
}

/** Works with messages. Rejects with an HttpError for what AMQP refuses. */
export function withChannel<Result>(
  request: ManagementRequest,
  work: (channel: EmbeddedChannel) => Promise<Result>,
  telling: Telling = asReplied,
): Promise<Result> {
  const name = request.virtualHostName ?? '';
  const { broker, identity } = request;
  if (broker.virtualHost(name) === undefined || !identity.mayEnter(name)) throw notAuthorised(REFUSED);
  return onChannel(request, name, telling, work);
}

async function onChannel<Result>(
  { broker, identity }: ManagementRequest,
  virtualHost: string,
  telling: Telling,
  work: (channel: EmbeddedChannel) => Promise<Result>,
): Promise<Result> {
  const connection = broker.connect(identity, virtualHost);
  try {
    return await work(await connection.openChannel());
  } catch (error) {
    throw error instanceof EmbeddedError ? telling(error) : error;
  } finally {
    connection.close();
  }
}

/** As a publish is told: what is not there, too, by its code. */
export const asPublished: Telling = (error) => badRequest(`${error.replyCode} ${error.message}`);

/** @throws HttpError 400 for a name that AMQP has no room for */
export function requireName(name: string, kind = 'name'): string {
  const bytes = Buffer.byteLength(name);
  if (bytes <= NAME_BYTES_MAX) return name;
  throw badRequest(`${kind} should be less than ${NAME_BYTES_MAX} bytes, actually was ${bytes}\n`);
}

/** A table as JSON has it: integers are long, as RabbitMQ makes them. @throws HttpError 400 */
export function toTable(value: unknown): FieldTable {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return EMPTY_TABLE;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(['not_a_table', typeof value]);
  }
  return new Map(Object.entries(value).map(([name, one]) => [requireName(name), toField(one)]));
}

function toField(value: unknown): FieldValue {
  switch (typeof value) {
    case 'string':
      return longString(value);
    case 'boolean':
      return { type: 'bool', value };
    case 'number':
      return isLong(value) ? { type: 'long', value: BigInt(value) } : { type: 'double', value };
    default:
      if (value === null) throw badRequest('null_not_allowed');
      if (Array.isArray(value)) return { type: 'array', value: value.map(toField) };
      return { type: 'table', value: toTable(value) };
  }
}

function isLong(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}
