// One request of the management API and its answer, with the path sent as it is written.
import { request } from 'node:http';

export interface RequestOptions {
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** `name:password`; null for none. */
  readonly as?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** What the body is as JSON; undefined where it is empty or none. */
  readonly json: unknown;
}

const ANSWER_MS = 15_000;

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function answerOf(status: number, headers: Answer['headers'], text: string): Answer {
  return { status, headers, text, json: parsed(text) };
}

function requestHeaders({ as = 'guest:guest', headers }: RequestOptions, body: string | undefined) {
  const sent: Record<string, string> = {};
  if (as !== null) sent['authorization'] = `Basic ${Buffer.from(as).toString('base64')}`;
  if (body !== undefined) {
    sent['content-type'] = 'application/json';
    sent['content-length'] = String(Buffer.byteLength(body));
  }
  return { ...sent, ...headers };
}

/** Sends `method` `path` to 127.0.0.1:`port` on a connection of its own. */
export async function exchange(
  port: number,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const { body } = options;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return await new Promise((resolve, reject) => {
    const headers = requestHeaders(options, text);
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers, agent: false, timeout: ANSWER_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          resolve(answerOf(response.statusCode ?? 0, response.headers, answer));
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${ANSWER_MS} ms`)));
    sent.on('error', reject);
    sent.end(text);
  });
}
