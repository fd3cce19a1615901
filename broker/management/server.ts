/**
 * The management HTTP interface: listens, finds the resource that a path names, asks who is there, and
 * turns what the resource answers or throws into HTTP. What the resources are is in resources/.
 */
import type { Server } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { AccessError } from '../access/access-error.js';
import { PolicyError } from '../routing/policy-validation.js';
import type { ServerCertificate } from '../transport/server-certificate.js';
import { note } from './auditing.js';
import { authenticate } from './authorization.js';
import { isCrossOrigin } from './cross-origin.js';
import { badRequest, HttpError, notAuthorised, type Reason } from './http-error.js';
import { type ListenerLimits, makeListener } from './http-listener.js';
import type { ManagedBroker } from './managed-broker.js';
import { addPages } from './pages.js';
import { parametersOf, pathOf, queryOf, segmentsOf } from './paths.js';
import { addMetrics } from './prometheus/routes.js';
import { onceClosed, send, sendError, sendJson } from './reply.js';
import { ManagementRequest } from './request.js';
import type { Answer, Method, Operation, Resource } from './resource.js';
import { allResources } from './resources/all-resources.js';
import type { Turns } from './turns.js';
import { answerUnrouted, type Routed, refuseOthers } from './unrouted.js';

export interface ManagementOptions extends ListenerLimits {
  /** The address to listen on. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The largest body of a request to publish or to import; of all others it is 1 MiB, or this if less. */
  readonly bodyBytesMax?: number;
  /** The most connections at once; more are not accepted. */
  readonly connectionsMax?: number;
}

/** RabbitMQ's, without TLS and with it. */
const PORT = 15_672;
const TLS_PORT = 15_671;
/** RabbitMQ's. */
const BODY_BYTES_MAX = 20_000_000;
/** What is enough for names, arguments and values. */
const SMALL_BODY_BYTES_MAX = 1024 * 1024;
/** How long a turn lasts, however slowly its client reads. */
const TURN_MS = 60_000;
const CONNECTIONS_MAX = 1024;
/** The longest path; a name of 255 bytes is encoded by 765, and there are at most three of them. */
const PARAMETER_LENGTH_MAX = 4096;

const CROSS_ORIGIN = { error: 'forbidden', reason: 'Pages of other sites may not change anything' };
const TOO_LARGE = { error: 'bad_request', reason: 'Exceeded HTTP request body size limit' };

/** What no answer of an interface for programs needs, and what keeps others from misusing it. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  vary: 'accept, accept-encoding, origin',
};

declare module 'fastify' {
  interface FastifyRequest {
    management: ManagementRequest | undefined;
  }
}

export class ManagementServer {
  readonly host: string;
  readonly port: number;
  private readonly server: FastifyInstance;

  private constructor(server: FastifyInstance, host: string, port: number) {
    this.server = server;
    this.host = host;
    this.port = port;
  }

  /**
   * Listens. Rejects with the system's error when it cannot.
   *
   * @param onClose called when it stops or does not get to listen: nothing is asked of the broker any more
   * @param certificate to speak TLS by
   */
  static async start(
    options: ManagementOptions,
    broker: ManagedBroker,
    onClose: () => void,
    certificate?: ServerCertificate,
  ): Promise<ManagementServer> {
    const { host = '127.0.0.1', port = certificate === undefined ? PORT : TLS_PORT } = options;
    const server = makeServer(options, certificate);
    server.addHook('onClose', async () => onClose());
    const resources = allResources();
    const routed = resources.map((resource) => ({
      resource,
      pattern: segmentsOf(`/api${resource.path}`),
    }));
    addHooks(server, routed, broker);
    for (const one of routed) addRoutes(server, one, broker, options.bodyBytesMax ?? BODY_BYTES_MAX);
    addPages(server, broker, resources);
    addMetrics(server, broker);
    try {
      await server.listen({ host, port });
    } catch (error) {
      await server.close();
      throw error;
    }
    (server.server as Server).maxConnections = options.connectionsMax ?? CONNECTIONS_MAX;
    const address = server.server.address();
    const actual = typeof address === 'object' && address !== null ? address.port : port;
    return new ManagementServer(server, host, actual);
  }

  /** Listens no more, and ends the connections there are. */
  async stop(): Promise<void> {
    await this.server.close();
  }
}

function makeServer(options: ManagementOptions, certificate: ServerCertificate | undefined): FastifyInstance {
  const server = fastify({
    bodyLimit: options.bodyBytesMax ?? BODY_BYTES_MAX,
    serverFactory: (listener) => makeListener(listener, options, certificate),
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: PARAMETER_LENGTH_MAX,
      querystringParser: () => ({}),
    },
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      reply.raw.writeHead(400, SECURITY_HEADERS).end();
    },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.decorateRequest('management', undefined);
  return server;
}

function addHooks(server: FastifyInstance, routed: readonly Routed[], broker: ManagedBroker): void {
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  server.setNotFoundHandler((request, reply) => answerUnrouted(request, reply, routed));
  server.setErrorHandler((error, _request, reply) => {
    const told = asHttpError(error);
    if (told !== undefined) return sendError(reply, told);
    const { statusCode = 500 } = error as { statusCode?: number };
    if (statusCode === 413) return sendJson(reply.code(400), TOO_LARGE);
    if (statusCode < 500) return reply.code(statusCode).send();
    broker.host.log?.error({ err: error }, 'A management request failed by a fault of the broker');
    return reply.code(500).send({ error: 'internal_server_error', reason: 'see the log of the broker' });
  });
}

/** What is told to whoever asked; undefined for a fault of ours, or of the framework's to tell. */
function asHttpError(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error instanceof PolicyError) return badRequest(error.message);
  if (!(error instanceof AccessError)) return undefined;
  const body = { error: error.code, reason: error.reason as Reason };
  return new HttpError(error.code === 'not_found' ? 404 : 400, body);
}

function addRoutes(
  server: FastifyInstance,
  { resource, pattern }: Routed,
  broker: ManagedBroker,
  bodyBytesMax: number,
): void {
  refuseOthers(server, resource, pattern);
  for (const [method, operation] of Object.entries(resource.operations) as [Method, Operation][]) {
    server.route({
      method,
      url: `/api${resource.path}`,
      bodyLimit: operation.isLarge ? bodyBytesMax : Math.min(bodyBytesMax, SMALL_BODY_BYTES_MAX),
      // Before the body is read: nobody uploads what nobody will look at.
      onRequest: async (request) => {
        request.management = await admit(request, pattern, resource, operation, broker);
      },
      handler: async (request, reply) => {
        const asked = request.management as ManagementRequest;
        if (Buffer.isBuffer(request.body)) asked.body = request.body;
        const run = (): Promise<Answer> => audited(asked, method, resource, operation);
        const { turns } = operation;
        return send(reply, method, await (turns === undefined ? run() : inTurn(turns, reply, run)));
      },
    });
  }
}

/** Runs what is asked for when it is its turn, which is over when it has run and its answer is sent. */
async function inTurn(turns: Turns, reply: FastifyReply, run: () => Promise<Answer>): Promise<Answer> {
  await turns.take();
  // Nobody takes messages for who has gone away while he waited.
  const ran = reply.raw.closed ? Promise.reject(new HttpError(503, undefined)) : run();
  // Who does not read what he asked for must not keep others from theirs.
  const tooLate = setTimeout(() => reply.raw.destroy(), TURN_MS);
  tooLate.unref();
  const closed = new Promise<void>((resolve) => onceClosed(reply, resolve));
  void Promise.allSettled([ran, closed]).then(() => {
    clearTimeout(tooLate);
    turns.give();
  });
  return ran;
}

/** Runs what is asked for, and notes who asked for what is no mere look. */
async function audited(
  asked: ManagementRequest,
  method: Method,
  resource: Resource,
  operation: Operation,
): Promise<Answer> {
  try {
    const answer = await operation.run(asked);
    note(asked, method, resource, 'done');
    return answer;
  } catch (error) {
    const told = asHttpError(error);
    const outcome = told?.status === 401 ? 'refused' : 'failed';
    note(asked, method, resource, outcome, told?.message ?? 'a fault of the broker');
    throw error;
  }
}

async function admit(
  request: FastifyRequest,
  pattern: readonly string[],
  resource: Resource,
  operation: Operation,
  broker: ManagedBroker,
): Promise<ManagementRequest> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && isCrossOrigin(request.headers)) throw new HttpError(403, CROSS_ORIGIN);
  const url = request.raw.url ?? '';
  const parameters = parametersOf(pattern, segmentsOf(pathOf(url)));
  const remoteAddress = request.raw.socket.remoteAddress ?? '';
  const identity = await authenticate(request.headers, remoteAddress, broker);
  const asked = new ManagementRequest({
    broker,
    parameters,
    query: queryOf(url),
    headers: request.headers,
    identity,
    remoteAddress,
    body: Buffer.alloc(0),
    isRead,
  });
  const refusal = resource.access(asked);
  if (refusal !== undefined) {
    note(asked, request.method, resource, 'refused', refusal);
    throw notAuthorised(refusal);
  }
  if (!acceptsJson(request.headers.accept)) throw new HttpError(406, undefined);
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (operation.takes !== undefined && !operation.takes.includes(type)) throw new HttpError(415, undefined);
  return asked;
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !refused && ['*/*', 'application/*', 'application/json'].includes(type);
  });
}
