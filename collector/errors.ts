/**
 * The collector's coded errors: each says in one line what is wrong and what to do about it.
 */

/** Any error of the collector that a person can do something about; tell them apart by `code`. */
export class CollectorError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CollectorError';
    this.code = code;
  }
}

/** `ERR_WARREN_BROKER_UNREACHABLE`: nothing answers at the broker's address. */
export function brokerUnreachable(url: string, cause: unknown): CollectorError {
  return new CollectorError(
    'ERR_WARREN_BROKER_UNREACHABLE',
    `Cannot reach the broker at ${withoutPassword(url)} (${reasonOf(cause)}): start it with "warren broker" or set its address with --broker-url or WARREN_BROKER_URL`,
    cause,
  );
}

/** `ERR_WARREN_BROKER_REFUSED`: the broker is there, and refuses this user or virtual host. */
export function brokerRefused(url: string, cause: unknown): CollectorError {
  return new CollectorError(
    'ERR_WARREN_BROKER_REFUSED',
    `The broker at ${withoutPassword(url)} refuses the connection (${reasonOf(cause)}): check the user, the password and the virtual host in the broker's URL`,
    cause,
  );
}

/** `ERR_WARREN_TOPOLOGY`: an exchange or queue exists with other arguments, or may not be declared. */
export function topologyRefused(url: string, cause: unknown): CollectorError {
  return new CollectorError(
    'ERR_WARREN_TOPOLOGY',
    `The broker at ${withoutPassword(url)} refuses the pipeline's exchanges and queues (${reasonOf(cause)}): delete the one it names, or give the user permission to declare it`,
    cause,
  );
}

/** `ERR_WARREN_INDEX_URL`: the index's address is no URL. */
export function indexUrlInvalid(url: string, cause: unknown): CollectorError {
  return new CollectorError(
    'ERR_WARREN_INDEX_URL',
    `The address of the index, "${withoutPassword(url)}", is no URL: write it like http://127.0.0.1:9200`,
    cause,
  );
}

/** `ERR_WARREN_QUEUE_MISSING`: the dead-letter queue that was asked for is not there. */
export function queueMissing(queue: string, cause?: unknown): CollectorError {
  return new CollectorError(
    'ERR_WARREN_QUEUE_MISSING',
    `The broker has no queue "${queue}": check the name, or start a collector once, which declares it`,
    cause,
  );
}

/** A URL as it may be logged. */
function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== '') parsed.password = '***';
    return parsed.href;
  } catch {
    return url.replace(/\/\/[^@/]*@/, '//***@');
  }
}

/** The shortest true thing to say about an error, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const text = error.message === '' ? error.name : error.message;
  return text.replaceAll(/\s+/g, ' ').trim();
}
