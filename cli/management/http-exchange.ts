/**
 * One request and its answer, over HTTP or HTTPS.
 *
 * Not by `fetch`: an authority of one's own cannot be given to it, and it would resolve a name such as
 * `..` in a path.
 */
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';

/** An answer of more octets than this is no answer: a definitions file of a broker is far smaller. */
const ANSWER_BYTES_MAX = 512 * 1024 * 1024;

/** What to ask, and where. */
export interface HttpQuestion {
  protocol: 'http:' | 'https:';
  hostname: string;
  port: number;
  method: string;
  /** Sent as it is. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** The certificates of authorities to trust instead of the machine's own, in PEM. */
  authority?: string | undefined;
  timeoutMs: number;
}

/** What came back. */
export interface HttpAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** The time for the whole answer was up. */
export class AnswerTimeout extends Error {}

/** @throws AnswerTimeout, or the system's error */
export function askByHttp(question: HttpQuestion): Promise<HttpAnswer> {
  const { protocol, hostname, port, method, path, body, authority, timeoutMs } = question;
  const headers = {
    ...question.headers,
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
  };
  const send = protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const request = send(
      // A connection of its own: the command ends with its last answer.
      { hostname, port, method, path, headers, agent: false, ...(authority && { ca: authority }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (text.length > ANSWER_BYTES_MAX) request.destroy(new Error('the answer is too large'));
        });
        response.once('error', reject);
        response.once('end', () => {
          clearTimeout(timer);
          const contentType = response.headers['content-type'] ?? '';
          resolve({ status: response.statusCode ?? 0, contentType, body: text });
        });
      },
    );
    const timer = setTimeout(() => request.destroy(new AnswerTimeout()), timeoutMs);
    request.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}
