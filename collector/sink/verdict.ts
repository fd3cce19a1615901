/**
 * What an answer of the index means for one document, or for a whole bulk. Pure.
 *
 * | answer                                        | one document      | the whole bulk              |
 * | --------------------------------------------- | ----------------- | --------------------------- |
 * | 2xx                                           | delivered         |                             |
 * | 2xx, redirected to the failure store          | rejected          |                             |
 * | 409 (the id is there already)                 | delivered         |                             |
 * | 429, 502, 503, 504, a blocked index, no answer | retry, for ever   | retry, for ever; pause      |
 * | 413                                           | rejected          | split; alone: rejected      |
 * | 400                                           | rejected          | split; alone: rejected      |
 * | 401, 403, 404, 405, 408 …                     | rejected          | retry: no document's fault  |
 * | 404 no such index                             | retry to a limit  |                             |
 * | other 5xx                                     | retry to a limit  | retry to a limit, by halves |
 */
import type { DeadLetterReason } from '../deadletter/headers.js';

/** What becomes of one document. */
export type Verdict =
  | { outcome: 'delivered' }
  /** `isLimited`: give up after some attempts. */
  | { outcome: 'retry'; isLimited: boolean; status: number; error: string }
  | { outcome: 'rejected'; reason: DeadLetterReason; status: number; error: string };

/** One item of a bulk's answer, as far as it matters. */
export interface BulkItemAnswer {
  status: number;
  error?: { type?: string; reason?: string; caused_by?: { type?: string; reason?: string } };
  /** `used` where the server took the document, and put it aside as failed. */
  failure_store?: string;
}

/** What becomes of a bulk that failed as a whole. */
export type BulkVerdict = 'retry' | 'split' | 'retry-limited';

const DELIVERED: Verdict = { outcome: 'delivered' };

/** Statuses of a server that will take the same document later. */
const LATER = new Set([429, 502, 503, 504]);

/** Error types that say that the document does not fit the index's mapping. */
const MAPPING_ERRORS = new Set([
  'mapper_parsing_exception',
  'document_parsing_exception',
  'strict_dynamic_mapping_exception',
  'mapper_exception',
]);

/** The verdict on one document. */
export function verdictOf(answer: BulkItemAnswer): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (answer.failure_store !== 'used') return DELIVERED;
    return { outcome: 'rejected', reason: 'rejected', status, error: 'redirected to the failure store' };
  }
  if (status === 409) return DELIVERED;
  const error = errorText(answer);
  if (LATER.has(status) || answer.error?.type === 'cluster_block_exception') {
    return { outcome: 'retry', isLimited: false, status, error };
  }
  if (status >= 500 || answer.error?.type === 'index_not_found_exception') {
    return { outcome: 'retry', isLimited: true, status, error };
  }
  return { outcome: 'rejected', reason: rejectionReason(answer), status, error };
}

/** Why a document was refused for good. */
export function rejectionReason(answer: BulkItemAnswer): DeadLetterReason {
  const { status, error } = answer;
  if (status === 413) return 'too-large';
  if (error?.type !== undefined && MAPPING_ERRORS.has(error.type)) return 'mapping';
  if (error?.type === 'illegal_argument_exception' && /mapper|field|mapping/i.test(error.reason ?? '')) {
    return 'mapping';
  }
  return 'rejected';
}

/** What to do with a bulk that was answered as a whole with this status; 0 stands for no answer. */
export function bulkVerdictOf(status: number): BulkVerdict {
  if (status === 413 || status === 400) return 'split';
  if (status >= 500 && !LATER.has(status)) return 'retry-limited';
  return 'retry';
}

function errorText({ status, error }: BulkItemAnswer): string {
  if (error === undefined) return `status ${status}`;
  const parts = [`${error.type ?? 'error'}: ${error.reason ?? `status ${status}`}`];
  const cause = error.caused_by?.reason;
  if (cause !== undefined && cause !== error.reason) parts.push(cause);
  return parts.join(': ');
}
