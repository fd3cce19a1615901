/**
 * Sees to it that the server has Warren's template (and lifecycle policy, where it knows such), finds
 * out what the server can do, and says which index a document goes to. Looks again from time to time
 * and whenever the server was away: a store that was wiped gets its template back before a document.
 */
import type { Client } from '@elastic/elasticsearch';
import type { Logger } from 'pino';
import type { LogDocument } from '../normalise/document.js';
import { describeFailure } from '../sink/elasticsearch.js';
import { LIFECYCLE_POLICY, logsTemplate, TEMPLATE_NAME, TEMPLATE_VERSION } from './template.js';

/** How long what was found on the server is taken for granted, while it answers all the time. */
const FRESH_MS = 30_000;

/** After such a silence the server may have been restarted, and emptied, without our noticing. */
const SILENCE_MS = 1000;

/** Statuses that say "not now", as opposed to "not here". */
const AWAY = new Set([0, 401, 408, 429, 500, 502, 503, 504]);

interface Reply {
  status: number;
  body: unknown;
  error: string;
}

export class IndexSetup {
  readonly #client: Client;
  readonly #environment: string;
  readonly #log: Logger;
  readonly #names = new Map<string, string>();
  readonly #now: () => number;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #seenAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  #hasDataStreams = true;
  #isWarned = false;

  /** @param now a clock that never goes back, in milliseconds */
  constructor(client: Client, environment: string, log: Logger, now = () => performance.now()) {
    this.#now = now;
    this.#client = client;
    this.#environment = environment;
    this.#log = log;
  }

  /** The data stream of a document, or its dated index where the server has no data streams. */
  indexOf({ service, environment, timestamp }: LogDocument): string {
    const key = environment === '' ? service : `${service} ${environment}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `logs-${service}-${environment === '' ? this.#environment : environment}`.slice(0, 240);
      if (this.#names.size >= NAMES_MAX) this.#names.clear();
      this.#names.set(key, name);
    }
    if (this.#hasDataStreams) return name;
    // By the record's own day, not today's: a record that is sent twice must meet its first copy.
    return `${name}-${new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', '.')}`;
  }

  /** Forgets what is known of the server. */
  forget(): void {
    this.#checkedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Takes note that the server has answered. */
  seen(): void {
    this.#seenAtMs = this.#now();
  }

  /** Makes sure of the template; rejects only when the server is away or busy. */
  async ensure(): Promise<void> {
    const now = this.#now();
    if (now - this.#checkedAtMs < FRESH_MS && now - this.#seenAtMs < SILENCE_MS) return;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #check(): Promise<void> {
    const found = await this.#ask('GET', `/_index_template/${TEMPLATE_NAME}`);
    const present = found.status === 200 ? presentTemplate(found.body) : undefined;
    if (present !== undefined && present.version >= TEMPLATE_VERSION) {
      this.#hasDataStreams = present.hasDataStreams;
    } else {
      await this.#install();
    }
    this.#checkedAtMs = this.#now();
    this.#seenAtMs = this.#checkedAtMs;
  }

  async #install(): Promise<void> {
    const lifecycle = await this.#installLifecycle();
    const path = `/_index_template/${TEMPLATE_NAME}`;
    let reply = await this.#ask('PUT', path, logsTemplate({ dataStreams: true, lifecycle }));
    this.#hasDataStreams = reply.status === 200;
    if (reply.status !== 200) {
      reply = await this.#ask('PUT', path, logsTemplate({ dataStreams: false, lifecycle }));
    }
    if (reply.status === 200) {
      this.#log.info({ dataStreams: this.#hasDataStreams, lifecycle }, 'Installed the index template');
    } else if (!this.#isWarned) {
      this.#isWarned = true;
      const { status, error } = reply;
      this.#log.warn({ status, error }, 'The index refuses the template; its own defaults apply to the logs');
    }
  }

  /** Whether the server has lifecycle policies, and ours among them. One that is there is left alone. */
  async #installLifecycle(): Promise<boolean> {
    const path = `/_ilm/policy/${TEMPLATE_NAME}`;
    const found = await this.#ask('GET', path);
    if (found.status === 200) return true;
    if (found.status !== 404) return false;
    return (await this.#ask('PUT', path, LIFECYCLE_POLICY)).status === 200;
  }

  async #ask(method: 'GET' | 'PUT', path: string, body?: object): Promise<Reply> {
    try {
      const reply = await this.#client.transport.request(
        { method, path, ...(body === undefined ? {} : { body }) },
        { maxRetries: 0 },
      );
      return { status: 200, body: reply, error: '' };
    } catch (error) {
      const { status, error: text } = describeFailure(error);
      if (AWAY.has(status)) throw new Error(text, { cause: error });
      return { status, body: undefined, error: text };
    }
  }
}

/** Services and environments whose index names are remembered. */
const NAMES_MAX = 10_000;

interface TemplateReply {
  index_templates?: { index_template?: { version?: number; data_stream?: object } }[];
}

/** What a server says of our template; one that gives no version is taken to hold this one. */
function presentTemplate(body: unknown): { version: number; hasDataStreams: boolean } | undefined {
  const template = (body as TemplateReply | undefined)?.index_templates?.[0]?.index_template;
  if (template === undefined) return undefined;
  return {
    version: template.version ?? TEMPLATE_VERSION,
    hasDataStreams: template.data_stream !== undefined,
  };
}
