/** What is done to the node as a whole: it is drained, and reads its certificates anew. Warren's own. */
import { TlsError } from '../../transport/certificate-files.js';
import { administrator } from '../authorization.js';
import { badRequest } from '../http-error.js';
import { fieldOf, integerField } from '../json-body.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, type Resource } from '../resource.js';
import { requireNode } from './nodes.js';

/** A day. */
const TIMEOUT_MS_MAX = 86_400_000;

/** One that drains already goes on, for no longer than is asked for now. */
function drain(request: ManagementRequest): Answer {
  const broker = requireNode(request);
  const limits = limitsOf(request);
  return { status: 204, afterwards: () => broker.drain(limits) };
}

function limitsOf(request: ManagementRequest): { timeoutMs?: number } {
  const body = request.json();
  if (fieldOf(body, 'timeout_ms') === undefined) return {};
  const timeoutMs = integerField(body, 'timeout_ms');
  if (timeoutMs < 0 || timeoutMs > TIMEOUT_MS_MAX) {
    throw badRequest(`timeout_ms must be from 0 to ${TIMEOUT_MS_MAX}`);
  }
  return { timeoutMs };
}

function reloadCertificates(request: ManagementRequest): Answer {
  const { reloadCertificates: reload } = requireNode(request);
  if (reload === undefined) throw badRequest('the broker has no TLS certificate');
  try {
    reload();
  } catch (error) {
    throw error instanceof TlsError ? badRequest(error.message) : error;
  }
  return NO_CONTENT;
}

export const nodeMaintenanceResources: readonly Resource[] = [
  {
    path: '/nodes/:node/drain',
    access: administrator,
    operations: {
      PUT: {
        summary: 'Let nobody in any more, let what is under way be finished, and end the broker',
        body: { timeout_ms: 'integer, how long to wait for what is under way; 30000 where nothing is said' },
        run: drain,
      },
    },
  },
  {
    path: '/nodes/:node/certificates',
    access: administrator,
    operations: {
      PUT: { summary: 'Read the TLS certificates anew from their files', run: reloadCertificates },
    },
  },
];
