// A client of the management interface that sends paths as they are, and headers and bodies of any kind.
import { type IncomingHttpHeaders, request } from 'node:http';

export interface ManagementAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed; undefined where there is none. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface ManagementRequestOptions {
  readonly body?: unknown;
  /** Instead of a body that is made into JSON. */
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

export class ManagementClient {
  private readonly port: number;
  private readonly authorization: string | undefined;

  /** @param authorization the header that says who asks; without one nobody does */
  constructor(port: number, authorization?: string) {
    this.port = port;
    this.authorization = authorization;
  }

  /** The same by another user. */
  as(user: string, password: string): ManagementClient {
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    return new ManagementClient(this.port, `Basic ${credentials}`);
  }

  /** Sends a request, whose path begins after `/api`. */
  send(method: string, path: string, options: ManagementRequestOptions = {}): Promise<ManagementAnswer> {
    return this.raw(method, `/api${path}`, options);
  }

  get(path: string): Promise<ManagementAnswer> {
    return this.send('GET', path);
  }

  put(path: string, body?: unknown): Promise<ManagementAnswer> {
    return this.send('PUT', path, { body, headers: { 'content-type': 'application/json' } });
  }

  post(path: string, body?: unknown): Promise<ManagementAnswer> {
    return this.send('POST', path, { body, headers: { 'content-type': 'application/json' } });
  }

  delete(path: string, headers: Record<string, string> = {}): Promise<ManagementAnswer> {
    return this.send('DELETE', path, { headers });
  }

  /** Sends a request for any path. */
  raw(
    method: string,
    path: string,
    { body, text, headers = {} }: ManagementRequestOptions = {},
  ): Promise<ManagementAnswer> {
    const payload = text ?? (body === undefined ? '' : JSON.stringify(body));
    const authorization = this.authorization === undefined ? {} : { authorization: this.authorization };
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          agent: false,
          headers: { ...authorization, 'content-length': Buffer.byteLength(payload), ...headers },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const received = Buffer.concat(chunks).toString();
            const isJson = answer.headers['content-type']?.startsWith('application/json') === true;
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: received,
              json: isJson && received !== '' ? JSON.parse(received) : undefined,
            });
          });
        },
      );
      asked.on('error', reject);
      asked.end(payload);
    });
  }
}
