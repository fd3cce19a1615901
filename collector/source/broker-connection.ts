/**
 * Opens a connection to a broker, with a bound on the time that takes and errors that say what to do.
 */
import { type ChannelModel, connect } from 'amqplib';
import { brokerRefused, brokerUnreachable, reasonOf } from '../errors.js';

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2000;

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

/**
 * Closes a channel or connection that may be closed already. Waits for the broker's word for a bounded
 * time only: a broker that has blocked the connection does not read what it is sent.
 */
export async function closeQuietly(closable: Closable | undefined): Promise<void> {
  if (closable === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      (closable.connection as { stream?: { destroy(): void } }).stream?.destroy();
      resolve();
    }, CLOSE_TIMEOUT_MS);
  });
  try {
    await Promise.race([closable.close(), patience]);
  } catch {
    // It was closed, or is being closed by the other side: either way it is gone.
  }
  clearTimeout(timer);
}

/** A channel or a connection of the client's; the socket below is there, if undocumented. */
interface Closable {
  close(): Promise<void>;
  readonly connection: object;
}
