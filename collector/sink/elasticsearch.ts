/**
 * The index as the collector sees it: one `_bulk` request at a time, through the official client, and
 * the answer in a form that cannot be misread. Does not judge answers (verdict.ts), does not retry
 * (shipper.ts): the client's own retries and its bulk helper are not used, since they retry only 429
 * and drop the rest.
 */
import { Client, errors } from '@elastic/elasticsearch';
import { indexUrlInvalid, reasonOf } from '../errors.js';
import type { LogDocument } from '../normalise/document.js';
import type { BulkItemAnswer } from './verdict.js';

/** A document and the index or data stream it is for. */
export interface Addressed {
  document: LogDocument;
  index: string;
}

/** What came of a bulk: an answer for each document, or a failure of the whole. */
export type BulkAnswer =
  | { isAnswered: true; items: BulkItemAnswer[] }
  /** `status` 0: no answer at all. */
  | { isAnswered: false; status: number; type: string; error: string };

/** The part of a bulk's answer that is read. */
interface BulkBody {
  items?: { create?: BulkItemAnswer }[];
}

const LINE_FEED = 0x0a;

export interface ElasticsearchOptions {
  urls: string[];
  apiKey: string | undefined;
  timeoutMs: number;
}

/**
 * A client that neither retries nor sniffs. User and password are taken from the URL.
 *
 * @throws {CollectorError} `ERR_WARREN_INDEX_URL`
 */
export function elasticsearchClient({ urls, apiKey, timeoutMs }: ElasticsearchOptions): Client {
  for (const url of urls) checkUrl(url);
  return new Client({
    nodes: urls,
    ...(apiKey === undefined ? {} : { auth: { apiKey } }),
    maxRetries: 0,
    requestTimeout: timeoutMs,
    name: 'warren-collector',
  });
}

function checkUrl(url: string): void {
  try {
    if (!/^https?:$/.test(new URL(url).protocol)) throw new Error('the protocol is not http or https');
  } catch (error) {
    throw indexUrlInvalid(url, error);
  }
}

/**
 * Sends documents with `create`. Never rejects: whatever goes wrong is part of the answer.
 *
 * @param signal ends the request when the collector has to go
 */
export async function sendBulk(
  client: Client,
  documents: readonly Addressed[],
  signal: AbortSignal,
): Promise<BulkAnswer> {
  try {
    const body = await client.transport.request<BulkBody>(
      { method: 'POST', path: '/_bulk', bulkBody: encodeBulk(documents) },
      { signal, maxRetries: 0 },
    );
    const items = body.items ?? [];
    if (items.length !== documents.length) {
      const error = `the bulk of ${documents.length} documents was answered with ${items.length} items`;
      return { isAnswered: false, status: 0, type: 'incomplete_answer', error };
    }
    return { isAnswered: true, items: items.map((item) => item.create ?? { status: 500 }) };
  } catch (error) {
    return { isAnswered: false, ...describeFailure(error) };
  }
}

/** The status, type and text of a failed request; status 0 where there was no answer. */
export function describeFailure(error: unknown): { status: number; type: string; error: string } {
  if (!(error instanceof errors.ResponseError)) {
    const type = error instanceof Error ? error.name : 'Error';
    return { status: 0, type, error: reasonOf(error) };
  }
  const body: unknown = error.body;
  const status = error.statusCode ?? 0;
  const cause = typeof body === 'object' && body !== null ? (body as { error?: unknown }).error : undefined;
  if (typeof cause === 'object' && cause !== null) {
    const { type, reason } = cause as { type?: unknown; reason?: unknown };
    const name = typeof type === 'string' ? type : 'error';
    return {
      status,
      type: name,
      error: `${name}: ${typeof reason === 'string' ? reason : `status ${status}`}`,
    };
  }
  const text = typeof cause === 'string' ? cause : `status ${status}`;
  return { status, type: 'error', error: text };
}

/** The NDJSON of a bulk, in one allocation and one copy. */
function encodeBulk(documents: readonly Addressed[]): Buffer {
  const actions: string[] = [];
  let bytes = 0;
  for (const { document, index } of documents) {
    const action = `{"create":{"_index":"${index}","_id":${asciiJson(document.id)}}}\n`;
    actions.push(action);
    bytes += action.length + document.source.length + 1;
  }
  const body = Buffer.allocUnsafe(bytes);
  let offset = 0;
  for (let position = 0; position < documents.length; position += 1) {
    const { source } = documents[position]!.document;
    offset += body.write(actions[position]!, offset, 'latin1');
    offset += source.copy(body, offset);
    body[offset] = LINE_FEED;
    offset += 1;
  }
  return body;
}

/** A JSON string of ASCII only, so that its length in bytes is known. */
function asciiJson(text: string): string {
  if (/^[\w.:-]*$/.test(text)) return `"${text}"`;
  return JSON.stringify(text).replaceAll(
    /[\u0080-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
