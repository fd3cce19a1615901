// Plays a script of the management API against one server and writes down what it answers. Each script has the
// virtual host to itself, which it calls `proof`: what a server has counted under a name may stay when that is
// deleted, so each time it is another. Whatever it puts elsewhere is taken away after it.
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { type Answer, answerOf, exchange, type RequestOptions } from './http-exchange.js';
import type { ManagedServer } from './managed-server.js';
import { answerLines, marked } from './rendering.js';

/** By request, in the order of the script: what was answered. */
export type Transcript = Record<string, string[]>;

export interface PlayedRequest extends RequestOptions {
  /** Whether the order of the items of a list says something. */
  readonly inOrder?: boolean;
}

export interface ConnectionOptions {
  readonly virtualHost?: string;
  readonly as?: string;
  readonly name?: string;
}

/** How long a server may take to tell what it counts. */
const TOLD_MS = 10_000;
const ASK_AGAIN_MS = 50;
/** How many scripts have been begun, here and there. */
let played = 0;
const removable =
  /^\/api\/(users|vhosts|queues|exchanges|policies|operator-policies|parameters|global-parameters|(vhost|user)-limits)\/[^?]+$/;

export class ManagementPlayer {
  readonly transcript: Transcript = {};
  readonly #server: ManagedServer;
  readonly #node: string;
  /** What `proof` is called this time. */
  readonly #virtualHost = `proof${++played}`;
  readonly #made: string[] = [];
  readonly #connections: ChannelModel[] = [];

  private constructor(server: ManagedServer, node: string) {
    this.#server = server;
    this.#node = node;
  }

  static async start(server: ManagedServer): Promise<ManagementPlayer> {
    const { json } = await exchange(server.managementPort, 'GET', '/api/overview');
    const { node } = json as { node: string };
    const player = new ManagementPlayer(server, node);
    await player.quietly('PUT /api/vhosts/proof');
    return player;
  }

  /** The node's name as it is written in a path. */
  get node(): string {
    return encodeURIComponent(this.#node);
  }

  get server(): ManagedServer {
    return this.#server;
  }

  /** Sends a request that is not written down. */
  async quietly(request: string, options: PlayedRequest = {}): Promise<Answer> {
    const [method = '', path = ''] = request.split(/ (.*)/s);
    const answer = await this.#exchange(method, path, options);
    if (method === 'PUT' && answer.status === 201 && removable.test(path)) this.#made.push(path);
    return answer;
  }

  async #exchange(method: string, path: string, options: PlayedRequest): Promise<Answer> {
    const { body } = options;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sent = { ...options, ...(text !== undefined && { body: this.#actual(text) }) };
    const answer = await exchange(this.#server.managementPort, method, this.#actual(path), sent);
    const headers = Object.entries(answer.headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? this.#called(value) : value,
    ]);
    return answerOf(answer.status, Object.fromEntries(headers), this.#called(answer.text));
  }

  #actual(text: string): string {
    return text.replace(/\bproof\b/g, this.#virtualHost);
  }

  #called(text: string): string {
    return text.replaceAll(new RegExp(`\\b${this.#virtualHost}\\b`, 'g'), 'proof');
  }

  /** Sends a request, `METHOD /path`, and writes down what is answered. */
  async request(request: string, options: PlayedRequest = {}): Promise<Answer> {
    const answer = await this.quietly(request, options);
    this.#write(request, options, answer);
    return answer;
  }

  /** Sends several requests, one after the other. */
  async requests(
    ...requests: readonly (string | [request: string, options: PlayedRequest])[]
  ): Promise<void> {
    for (const request of requests) {
      await (typeof request === 'string' ? this.request(request) : this.request(...request));
    }
  }

  /** Sends a request until it is answered as `told` wants it, or for so long; writes nothing down. */
  async untilQuietly(
    request: string,
    told: (json: never, answer: Answer) => boolean,
    options: PlayedRequest = {},
  ): Promise<Answer> {
    const deadline = Date.now() + TOLD_MS;
    for (;;) {
      const answer = await this.quietly(request, options);
      if (answer.status === 200 && told(answer.json as never, answer)) return answer;
      if (Date.now() > deadline) return answer;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** The same, and writes the last answer down. */
  async until(
    request: string,
    told: (json: never, answer: Answer) => boolean,
    options: PlayedRequest = {},
  ): Promise<Answer> {
    const answer = await this.untilQuietly(request, told, options);
    this.#write(request, options, answer);
    return answer;
  }

  /** Writes down something else that was seen. */
  note(what: string, value: unknown): void {
    this.#add(what, [marked(typeof value === 'string' ? value : JSON.stringify(value), this.#marks)]);
  }

  async connection(options: ConnectionOptions = {}): Promise<ChannelModel> {
    const { virtualHost = 'proof', as = 'guest:guest', name } = options;
    const { host, port } = this.#server;
    const [username = '', password = ''] = as.split(':');
    const connection = await connect(
      { hostname: host, port, username, password, vhost: this.#actual(virtualHost), heartbeat: 0 },
      name === undefined ? {} : { clientProperties: { connection_name: name } },
    );
    // A server may close it: scripts that want to know of it listen themselves.
    connection.on('error', () => {});
    this.#connections.push(connection);
    return connection;
  }

  async channel(options: ConnectionOptions = {}): Promise<Channel> {
    const channel = await (await this.connection(options)).createChannel();
    channel.on('error', () => {});
    return channel;
  }

  /** Closes what is open and takes away what the script made. */
  async finish(): Promise<Transcript> {
    for (const connection of this.#connections) await connection.close().catch(() => {});
    for (const path of this.#made.reverse()) await this.quietly(`DELETE ${path}`);
    return this.transcript;
  }

  get #marks() {
    const { port, managementPort } = this.#server;
    return { node: this.#node, port, managementPort };
  }

  #write(request: string, { as, headers, inOrder = false, body }: PlayedRequest, answer: Answer): void {
    const words = [marked(request, this.#marks)];
    if (body !== undefined) words.push(typeof body === 'string' ? body : JSON.stringify(body));
    if (as !== undefined) words.push(as === null ? 'as nobody' : `as ${as}`);
    if (headers) words.push(JSON.stringify(headers));
    const lines = answerLines(answer, inOrder).map((line) => marked(line, this.#marks));
    this.#add(words.join(' '), lines);
  }

  #add(label: string, lines: string[]): void {
    this.transcript[`${Object.keys(this.transcript).length + 1} ${label}`] = lines;
  }
}
