/**
 * Opens a connection to a broker, with a bound on the time that takes and errors that say what to do.
 */
import { type ChannelModel, connect } from 'amqplib';
import { brokerRefused, brokerUnreachable, reasonOf } from '../errors.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects.
 *
 * @param name what the broker's own listings call the connection
 * @throws {CollectorError} `ERR_WARREN_BROKER_UNREACHABLE` or `ERR_WARREN_BROKER_REFUSED`
 */
export async function connectToBroker(url: string, name: string): Promise<ChannelModel> {
  try {
    const connection = await connect(url, {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      clientProperties: { connection_name: name, product: 'warren' },
    });
    // What ends a connection is told by its `close`; an error nobody listens to would end the process.
    connection.on('error', () => {});
    return connection;
  } catch (error) {
    const isRefused = /ACCESS[_-]REFUSED|NOT[_-]ALLOWED|\b(?:403|530)\b/.test(reasonOf(error));
    throw isRefused ? brokerRefused(url, error) : brokerUnreachable(url, error);
  }
}

/** Closes a connection that may be closed already. */
export async function closeQuietly(closable: { close(): Promise<void> } | undefined): Promise<void> {
  try {
    await closable?.close();
  } catch {
    // It was closed, or is being closed by the other side: either way it is gone.
  }
}
