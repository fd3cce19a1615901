/** The HTTP endpoints that read the log store. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ConsoleError } from './console-error.js';
import type { LogSearch } from './log-search.js';
import type { SearchTerms } from './search-request.js';

const TEXT = { type: 'string', maxLength: 10_000 };
const SHORT = { type: 'string', maxLength: 300 };
const TIME = { type: 'number', minimum: 0, maximum: 8.64e15 };
const SEVERAL = { type: 'array', items: SHORT, maxItems: 50, default: [] };

const TERMS = {
  query: { ...TEXT, default: '' },
  from: TIME,
  to: TIME,
  level: SEVERAL,
  service: SEVERAL,
};

interface TermsQuery {
  query: string;
  from: number;
  to: number;
  level: string[];
  service: string[];
}

interface PageQuery extends TermsQuery {
  order: 'asc' | 'desc';
  column: string[];
  after?: string;
}

function terms(asked: TermsQuery): SearchTerms {
  if (asked.from > asked.to) {
    throw new ConsoleError('ERR_WARREN_REQUEST', 400, 'The time range ends before it begins.');
  }
  const { query, from, to } = asked;
  return { query, from, to, levels: asked.level, services: asked.service };
}

/** Aborts when the page no longer waits for the reply, so that the store need not go on. */
function abandoned(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Adds the endpoints under `/api/logs` and `/api/fields`. */
export function addSearchRoutes(server: FastifyInstance, search: LogSearch): void {
  server.get<{ Querystring: PageQuery }>(
    '/api/logs',
    {
      schema: {
        querystring: {
          type: 'object',
          required: ['from', 'to'],
          properties: {
            ...TERMS,
            order: { enum: ['asc', 'desc'], default: 'desc' },
            column: { ...SEVERAL, maxItems: 10 },
            after: { type: 'string', maxLength: 2000 },
          },
        },
      },
    },
    (request, reply) => {
      const { order, column, after } = request.query;
      const asked = { ...terms(request.query), order, columns: column, after: after ?? null };
      return search.page(asked, abandoned(reply));
    },
  );

  server.get<{ Querystring: TermsQuery }>(
    '/api/logs/summary',
    { schema: { querystring: { type: 'object', required: ['from', 'to'], properties: TERMS } } },
    (request, reply) => search.summary(terms(request.query), abandoned(reply)),
  );

  server.get<{ Querystring: { query: string } }>(
    '/api/logs/newest',
    { schema: { querystring: { type: 'object', properties: { query: TERMS.query } } } },
    (request) => search.newest(request.query.query),
  );

  server.get<{ Querystring: { index: string; id: string } }>(
    '/api/logs/document',
    {
      schema: {
        querystring: {
          type: 'object',
          required: ['index', 'id'],
          properties: { index: SHORT, id: { ...SHORT, maxLength: 512 } },
        },
      },
    },
    (request) => search.document(request.query.index, request.query.id),
  );

  server.get('/api/fields', async () => ({ fields: await search.fields() }));

  server.get<{ Querystring: { field: string; prefix: string; from: number; to: number } }>(
    '/api/fields/values',
    {
      schema: {
        querystring: {
          type: 'object',
          required: ['field', 'from', 'to'],
          properties: { field: SHORT, prefix: { ...SHORT, default: '' }, from: TIME, to: TIME },
        },
      },
    },
    async (request) => {
      const { field, prefix, from, to } = request.query;
      return { values: await search.values(field, prefix, { from, to }) };
    },
  );
}
