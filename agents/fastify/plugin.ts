/**
 * The fastify plugin, `warren/fastify`: gives an application a logger that publishes to the broker,
 * and every request an id and a place in its trace, so that all lines of a request can be found by one
 * of them.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { fastifyPlugin } from 'fastify-plugin';
import { type ChildLoggerOptions, type Logger, type LoggerOptions, pino, stdSerializers } from 'pino';
import { AgentOptionError } from '../errors.js';
import { pinoTransportSettings, type WarrenPinoOptions } from '../pino/options.js';
import { endOnSignals } from '../worker/signals.js';
import { type TraceContext, traceContextOf } from './trace-context.js';

export type { TraceContext } from './trace-context.js';

/** Options of `warren/fastify`: those of `warren/pino`, and these. */
export interface WarrenFastifyOptions extends WarrenPinoOptions {
  /** The least level that is logged. Default `info`. */
  level?: string;
  /** pino's `redact`: paths that never leave the process. Default none. */
  redact?: NonNullable<LoggerOptions['redact']>;
  /** A logger to use instead of a new one; the options of `warren/pino` have no meaning then. */
  logger?: FastifyBaseLogger;
  /** Where a request's id is taken from and told to the caller; `false` for neither. Default `x-request-id`. */
  requestIdHeader?: string | false;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the request is in its trace; set by `warren/fastify`. */
    traceContext: TraceContext;
  }
}

/** Requests and replies as fastify's own logger writes them. */
const SERIALIZERS = {
  req: (request: FastifyRequest) => ({
    method: request.method,
    url: request.url,
    host: request.host,
    remoteAddress: request.ip,
    remotePort: request.socket?.remotePort,
    headers: { 'user-agent': request.headers?.['user-agent'] },
  }),
  res: (reply: FastifyReply) => ({ statusCode: reply.statusCode }),
  err: stdSerializers.err,
};
const TRANSPORT = fileURLToPath(new URL('../pino/transport.js', import.meta.url));
/** How long the end of the application waits for the last lines. */
const CLOSE_TIMEOUT_MS = 5_000;
/** An id that a caller may choose: anything else could forge lines or fill them. */
const SAFE_REQUEST_ID = /^[\w.:=+/@-]{1,128}$/;

/**
 * The plugin. Register it before the routes.
 *
 * @throws AgentOptionError for an option that cannot be used, when the plugin is registered
 */
const warrenFastify: FastifyPluginAsync<WarrenFastifyOptions> = async (fastify, options) => {
  const { requestIdHeader = 'x-request-id' } = options;
  if (requestIdHeader !== false && (typeof requestIdHeader !== 'string' || requestIdHeader === '')) {
    throw new AgentOptionError('The option requestIdHeader must be the name of a header, or false.');
  }
  const idHeader = requestIdHeader === false ? undefined : requestIdHeader.toLowerCase();
  const logger = options.logger === undefined ? newLogger(fastify, options) : withSerializers(options.logger);
  const contexts = new WeakMap<IncomingMessage, TraceContext>();
  const loggers = new WeakSet<FastifyBaseLogger>();

  const contextOf = (raw: IncomingMessage): TraceContext => {
    let context = contexts.get(raw);
    if (context === undefined) {
      context = traceContextOf(raw.headers['traceparent']);
      contexts.set(raw, context);
    }
    return context;
  };
  const loggerOf = (
    raw: IncomingMessage,
    id: string,
    childOptions: ChildLoggerOptions,
  ): FastifyBaseLogger => {
    const child = logger.child(bindings(id, contextOf(raw)), childOptions);
    loggers.add(child);
    return child;
  };

  (fastify as { log: FastifyBaseLogger }).log = logger;
  fastify.setGenReqId((raw) => requestId(idHeader === undefined ? undefined : raw.headers[idHeader]));
  fastify.setChildLoggerFactory((_, given, childOptions, raw) => {
    // All that fastify binds is the id, under a label that the application may have chosen.
    const [id] = Object.values(given) as unknown[];
    return loggerOf(raw, String(id), childOptions);
  });
  fastify.decorateRequest('traceContext', null as unknown as TraceContext);
  fastify.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    request.traceContext = contextOf(request.raw);
    if (idHeader !== undefined) reply.header(idHeader, request.id);
    // Routes that were there before this plugin, and that of unknown paths, have fastify's own logger.
    if (!loggers.has(request.log)) request.log = reply.log = loggerOf(request.raw, request.id, {});
  });
  // Without a logger of its own fastify measures, and logs, only responses that a hook asks about.
  fastify.addHook('onResponse', async () => undefined);
};

export default fastifyPlugin(warrenFastify, { name: 'warren', fastify: '5.x' });

function newLogger(fastify: FastifyInstance, options: WarrenFastifyOptions): FastifyBaseLogger {
  const { level = 'info', redact, logger: _, requestIdHeader: __, ...transportOptions } = options;
  // A worker that fails to start says so too late for whoever registers the plugin.
  pinoTransportSettings(transportOptions);
  endOnSignals();
  const logger = pino(
    { level, serializers: SERIALIZERS, ...(redact === undefined ? {} : { redact }) },
    pino.transport({ target: TRANSPORT, options: transportOptions }),
  );
  fastify.addHook('onClose', () => flush(logger));
  return logger;
}

function flush(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    logger.flush(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A logger that knows how to write fastify's requests and replies, unless it has its own way. */
function withSerializers(logger: FastifyBaseLogger): FastifyBaseLogger {
  const own = (logger as unknown as Record<symbol, object | undefined>)[pino.symbols.serializersSym];
  return logger.child({}, { serializers: { ...SERIALIZERS, ...own } });
}

function bindings(id: string, { traceId, spanId, parentId }: TraceContext): Record<string, string> {
  return {
    'http.request.id': id,
    'trace.id': traceId,
    'span.id': spanId,
    ...(parentId === undefined ? {} : { 'parent.id': parentId }),
  };
}

function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : randomUUID();
}
