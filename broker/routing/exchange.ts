/** An exchange: its properties, its bindings by kind, and a memory of where routing keys led. */
import type { FieldTable } from '../protocol/field-table.js';
import { textOf } from '../protocol/field-table.js';
import type { Queue } from '../queue/queue.js';
import { type AppliedPolicies, NO_POLICIES } from '../queue/settings.js';
import type { Binding, Router } from './binding.js';
import { ConsistentHashRouter, checkHashArguments, checkWeight } from './consistent-hash-router.js';
import { DirectRouter } from './direct-router.js';
import { FanoutRouter } from './fanout-router.js';
import { checkHeadersBinding, HeadersRouter } from './headers-router.js';
import type { History } from './history.js';
import { RandomRouter } from './random-router.js';
import { checkHistoryArguments, RecentHistoryRouter } from './recent-history-router.js';
import { TopicRouter } from './topic-router.js';

export const EXCHANGE_TYPES = [
  'direct',
  'fanout',
  'topic',
  'headers',
  'x-consistent-hash',
  'x-random',
  'x-recent-history',
] as const;

export type ExchangeType = (typeof EXCHANGE_TYPES)[number];

export interface ExchangeOptions {
  name: string;
  type: ExchangeType;
  durable: boolean;
  autoDelete: boolean;
  internal: boolean;
  args: FieldTable;
}

/** Routing keys remembered; when there are more, all are forgotten. */
const REMEMBERED_ROUTES_MAX = 10_000;

export class Exchange {
  readonly name: string;
  readonly type: ExchangeType;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly args: FieldTable;
  policies: AppliedPolicies = NO_POLICIES;
  alternate: string | undefined;
  /** Bindings from here. */
  readonly bindings = new Set<Binding>();
  readonly router: Router;
  deleted = false;
  /** What clients published here, and where to: a message for each queue that it was routed to. */
  publishIn = 0;
  publishOut = 0;
  private routes = new Map<string, readonly Queue[]>();
  private routesVersion = -1;

  constructor(options: ExchangeOptions) {
    this.name = options.name;
    this.type = options.type;
    this.durable = options.durable;
    this.autoDelete = options.autoDelete;
    this.internal = options.internal;
    this.args = options.args;
    this.alternate = textOf(options.args.get('alternate-exchange'));
    this.router = makeRouter(options.type, options.args);
  }

  /** Other policies apply from now on; what its arguments say goes before them. */
  follow(policies: AppliedPolicies): void {
    this.policies = policies;
    const ofPolicy = policies.definition?.['alternate-exchange'] as string | undefined;
    this.alternate = textOf(this.args.get('alternate-exchange')) ?? (this.name === '' ? undefined : ofPolicy);
  }

  add(binding: Binding): void {
    this.bindings.add(binding);
    this.router.add(binding);
  }

  remove(binding: Binding): void {
    this.bindings.delete(binding);
    this.router.remove(binding);
  }

  /** What it keeps for whoever is bound to it later. */
  get history(): History | undefined {
    return this.router instanceof RecentHistoryRouter ? this.router.history : undefined;
  }

  /** Where a key led before, if nothing has changed in the topology since. */
  remembered(routingKey: string, version: number): readonly Queue[] | undefined {
    return this.routesVersion === version ? this.routes.get(routingKey) : undefined;
  }

  remember(routingKey: string, version: number, queues: readonly Queue[]): void {
    if (this.routesVersion !== version || this.routes.size >= REMEMBERED_ROUTES_MAX) {
      this.routes = new Map();
      this.routesVersion = version;
    }
    this.routes.set(routingKey, queues);
  }
}

/**
 * Checks the arguments of an exchange that is to be, as its type asks for.
 *
 * @throws ProtocolError 406
 */
export function checkArguments(type: ExchangeType, args: FieldTable): void {
  if (type === 'x-consistent-hash') checkHashArguments(args);
  else if (type === 'x-recent-history') checkHistoryArguments(args);
}

/**
 * Checks a binding that is to be, as the source's type asks for.
 *
 * @throws ProtocolError 406
 */
export function checkBinding(type: ExchangeType, routingKey: string, args: FieldTable): void {
  if (type === 'headers') checkHeadersBinding(args);
  else if (type === 'x-consistent-hash') checkWeight(routingKey);
}

function makeRouter(type: ExchangeType, args: FieldTable): Router {
  switch (type) {
    case 'direct':
      return new DirectRouter();
    case 'fanout':
      return new FanoutRouter();
    case 'topic':
      return new TopicRouter();
    case 'headers':
      return new HeadersRouter();
    case 'x-consistent-hash':
      return new ConsistentHashRouter(args);
    case 'x-random':
      return new RandomRouter();
    case 'x-recent-history':
      return new RecentHistoryRouter(args);
  }
}
