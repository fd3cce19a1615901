/** How answers and errors go over HTTP. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { HttpError } from './http-error.js';
import type { Answer, Method } from './resource.js';

export function send(reply: FastifyReply, method: Method, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  // Also when whoever asked has gone meanwhile.
  if (answer.afterwards !== undefined) onceClosed(reply, answer.afterwards);
  if (method === 'GET') reply.header('cache-control', 'no-cache');
  if (answer.stream !== undefined) {
    return reply.type('application/json').send(Readable.from(answer.stream));
  }
  if (answer.json === undefined) return reply.send();
  return sendJson(reply, answer.json);
}

/** Calls back when an answer is sent, or nobody is there any more to have it; at once if that is so already. */
export function onceClosed({ raw }: FastifyReply, then: () => void): void {
  if (raw.closed) then();
  else raw.once('close', then);
}

export function sendError(reply: FastifyReply, error: HttpError): FastifyReply {
  reply.code(error.status).headers(error.headers);
  if (error.body === undefined) return reply.send();
  return sendJson(reply, error.body);
}

/** As bytes: the type of JSON needs no character set. */
export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(value)));
}
