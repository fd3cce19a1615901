/** What is answered where a path is not there, or does not have a method. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { absent } from './http-error.js';
import { isFixed, matchesPattern, pathOf, segmentsOf } from './paths.js';
import { sendError } from './reply.js';
import type { Resource } from './resource.js';

const METHODS = ['HEAD', 'GET', 'PUT', 'POST', 'DELETE'] as const;

export interface Routed {
  readonly resource: Resource;
  readonly pattern: readonly string[];
}

/** The methods that a fixed path does not have, lest it be taken for one with a name in that place. */
export function refuseOthers(
  server: FastifyInstance,
  { path, operations }: Resource,
  pattern: readonly string[],
): void {
  if (!isFixed(pattern)) return;
  const others = METHODS.filter((method) => method !== 'HEAD' && operations[method] === undefined);
  if (others.length === 0) return;
  const allow = allowedOf(operations);
  const url = `/api${path}`;
  server.route({
    method: others,
    url,
    handler: (_request, reply) => reply.code(405).header('allow', allow).send(),
  });
}

function allowedOf(operations: Resource['operations']): string {
  const methods = METHODS.filter((method) => operations[method === 'HEAD' ? 'GET' : method] !== undefined);
  return [...methods, 'OPTIONS'].join(', ');
}

/** A path that is not there, or a method that it does not have. */
export function answerUnrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  routed: readonly Routed[],
): FastifyReply {
  const { method } = request;
  const allowed = allowedMethods(segmentsOf(pathOf(request.raw.url ?? '')), routed);
  if (method === 'OPTIONS') return reply.code(200).header('allow', allowed).send();
  if (method !== 'GET' && method !== 'HEAD') return reply.code(405).header('allow', allowed).send();
  if (allowed !== UNROUTED) return reply.code(405).header('allow', allowed).send();
  return sendError(reply, absent());
}

const UNROUTED = 'HEAD, GET, OPTIONS';

function allowedMethods(segments: readonly string[], routed: readonly Routed[]): string {
  const found = routed.filter(({ pattern }) => matchesPattern(pattern, segments));
  const one = found.find(({ pattern }) => isFixed(pattern)) ?? found[0];
  if (one === undefined) return UNROUTED;
  return allowedOf(one.resource.operations);
}
