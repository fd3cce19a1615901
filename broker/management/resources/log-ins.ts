/** How users log in, and how often that was tried. */
import { administrator, monitor } from '../authorization.js';
import { absent, badRequest } from '../http-error.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, NO_CONTENT, type Resource } from '../resource.js';

const AUDIT_MAX = 1000;

function requireNode(request: ManagementRequest): ManagementRequest {
  if (request.parameter('node') !== request.broker.nodeName) throw absent();
  return request;
}

function reset(request: ManagementRequest): Answer {
  requireNode(request).broker.access.attempts.reset();
  return NO_CONTENT;
}

function audit({ query, broker }: ManagementRequest): Answer {
  const count = query.get('count') ?? '100';
  if (!/^\d{1,6}$/.test(count)) throw badRequest(['not_integer', count]);
  return json(broker.access.audit.recent(Math.min(Number(count), AUDIT_MAX)));
}

export const logInResources: readonly Resource[] = [
  {
    path: '/auth/attempts/:node',
    access: monitor,
    operations: {
      GET: {
        summary: 'Attempts to log in, by protocol',
        run: (request) => json(requireNode(request).broker.access.attempts.totals()),
      },
      DELETE: { summary: 'Begin to count anew', run: reset },
    },
  },
  {
    path: '/auth/attempts/:node/source',
    access: monitor,
    operations: {
      GET: {
        summary: 'Attempts to log in, by where they came from',
        run: (request) => json(requireNode(request).broker.access.attempts.bySource()),
      },
      DELETE: { summary: 'Begin to count anew', run: reset },
    },
  },
  {
    path: '/warren/audit',
    access: administrator,
    operations: {
      GET: {
        summary: 'What was changed last, by whom; newest first',
        query: { count: `how many, 100 where nothing is said, ${AUDIT_MAX} at most` },
        run: audit,
      },
    },
  },
];
