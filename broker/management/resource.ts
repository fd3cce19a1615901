/** What there is under a path, who may ask for it, and what is answered. */
import type { Access } from './authorization.js';
import type { ManagementRequest } from './request.js';
import type { Turns } from './turns.js';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

export interface Answer {
  readonly status: 200 | 201 | 204 | 301 | 503;
  /** A value, which becomes JSON; undefined for no body. */
  readonly json?: unknown;
  /** JSON that is made while it is sent. */
  readonly stream?: AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is done once the answer is on its way, because it ends the connection that the answer goes by. */
  readonly afterwards?: () => void;
}

/** What a field of a body or a parameter of a query is, for the document that describes the interface. */
export type Described = Readonly<Record<string, string>>;

export interface Operation {
  /** One line for the document. */
  readonly summary: string;
  /** Fields of the body; those with a `*` before their description must be there. */
  readonly body?: Described;
  readonly query?: Described;
  /** Where anything else is answered with 415, as in RabbitMQ. */
  readonly takes?: readonly string[];
  /** Whether its body may be as large as any, and not just as what a few names and arguments take. */
  readonly isLarge?: boolean;
  /** Of which one is taken before it runs, and given back when its answer is sent. */
  readonly turns?: Turns;
  run(request: ManagementRequest): Answer | Promise<Answer>;
}

export interface Resource {
  /** `/queues/:vhost/:queue`, under `/api`. */
  readonly path: string;
  readonly access: Access;
  readonly operations: Partial<Readonly<Record<Method, Operation>>>;
}

export function json(value: unknown): Answer {
  return { status: 200, json: value };
}

export const NO_CONTENT: Answer = { status: 204 };

/** What a PUT is answered with. */
export function put(created: boolean): Answer {
  return { status: created ? 201 : 204 };
}
