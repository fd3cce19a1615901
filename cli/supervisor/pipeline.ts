/**
 * The whole of Warren on one machine: broker, store, collector and console, each in a process of its
 * own, so that a slow query never stalls the broker and one that dies takes nothing with it.
 */
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { environmentOf } from '../configuration/load.js';
import type { Configuration } from '../configuration/schema.js';
import { brokerUrl, elasticsearchUrl } from '../configuration/urls.js';
import type { Ready } from '../long-running.js';
import { newOwnPassword, OWN_PASSWORD_VARIABLE, OWN_USER } from '../own-user.js';
import { SupervisedProcess } from './supervised-process.js';

const ENTRY = fileURLToPath(new URL('../warren.js', import.meta.url));

/**
 * How long each stage of the drain may take, in milliseconds; together less than what a process
 * manager usually waits before it kills (10 s). What is killed loses nothing, it is only sent again.
 */
const DRAIN_MS = { producers: 1_500, collector: 4_000, stores: 3_000 } as const;

/** From the end of waiting to the end of the process, in milliseconds. */
const MARGIN_MS = 1_000;

/** The parts of Warren, in the order in which they depend on each other. */
type PartName = 'broker' | 'store' | 'collector' | 'console';

/** A running pipeline. */
export class Pipeline {
  /** What answers where. */
  readonly addresses: Record<string, string> = {};
  readonly notices: string[] = [];
  readonly #log: Logger;
  readonly #ownPassword = newOwnPassword();
  readonly #processes: SupervisedProcess[] = [];
  #configuration: Configuration;
  #stopping = false;

  constructor(configuration: Configuration, log: Logger) {
    this.#configuration = configuration;
    this.#log = log;
  }

  /** The settings in force, with the ports that were really opened. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Starts what the settings do not place elsewhere, and waits until all of it answers. */
  async start(): Promise<void> {
    const { broker, elasticsearch } = this.#configuration;
    await this.#startTogether([
      ...(broker.url === undefined ? (['broker'] as const) : []),
      ...(elasticsearch.url === undefined ? (['store'] as const) : []),
    ]);
    this.#configuration = {
      ...this.#configuration,
      broker: { ...broker, url: broker.url ?? this.#ownUrl() },
      elasticsearch: { url: elasticsearchUrl(this.#configuration) },
    };
    await this.#startTogether(['collector', 'console']);
  }

  #ownUrl(): string {
    const url = new URL(brokerUrl(this.#configuration));
    url.username = OWN_USER;
    url.password = this.#ownPassword;
    return url.href;
  }

  /** Starts one more process that is supervised and stopped with the rest, before it. */
  async add(name: string, entry: string, environment: Record<string, string>): Promise<Ready> {
    const added = new SupervisedProcess({ name, entry, arguments: [], environment }, this.#log);
    this.#processes.push(added);
    return await added.start();
  }

  /** The process ids by part, for those who look after it. */
  pids(): Record<string, number | undefined> {
    return Object.fromEntries(this.#processes.map(({ name, pid }) => [name, pid]));
  }

  /** Drains everything, what was started last first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // Producers first, then the collector, and the broker and store it works with at the very end.
    const late = this.#processes.filter(({ name }) => name === 'broker' || name === 'store');
    const early = this.#processes.filter((process) => !late.includes(process));
    const collector = early.filter(({ name }) => name === 'collector');
    await stopAll(
      early.filter((process) => !collector.includes(process)),
      DRAIN_MS.producers,
    );
    await stopAll(collector, DRAIN_MS.collector);
    await stopAll(late, this.#lateDrainMs);
  }

  /** How long all of the drain may take, in milliseconds. */
  get drainMsMax(): number {
    return DRAIN_MS.producers + DRAIN_MS.collector + this.#lateDrainMs + MARGIN_MS;
  }

  /** Has the parts read anew what may change while they run. */
  reload(): void {
    for (const process of this.#processes) if (process.name === 'broker') process.signal('SIGHUP');
  }

  /** The broker may be set to wait longer for its clients than is usual. */
  get #lateDrainMs(): number {
    return Math.max(DRAIN_MS.stores, this.#configuration.broker.drainMsMax + MARGIN_MS);
  }

  /** Ends everything at once. */
  kill(): void {
    for (const process of this.#processes) process.kill();
  }

  async #startTogether(names: readonly PartName[]): Promise<void> {
    if (this.#stopping) return;
    await Promise.all(names.map((name) => this.#startPart(name)));
  }

  async #startPart(name: PartName): Promise<void> {
    const environment = {
      ...environmentOf(this.#configuration),
      ...(name === 'broker'
        ? { [OWN_PASSWORD_VARIABLE]: this.#ownPassword }
        : { WARREN_BROKER_URL: this.#configuration.broker.url ?? this.#ownUrl() }),
    };
    const part = new SupervisedProcess({ name, entry: ENTRY, arguments: [name], environment }, this.#log);
    this.#processes.push(part);
    const ready = await part.start();
    Object.assign(this.addresses, ready.addresses);
    this.notices.push(...(ready.notices ?? []));
    this.#keepPorts(ready.fixed ?? {});
  }

  /** Port 0 becomes the port that was opened, for the parts that are started after it. */
  #keepPorts(fixed: Record<string, string>): void {
    const { broker, management, store } = this.#configuration;
    this.#configuration = {
      ...this.#configuration,
      broker: { ...broker, port: Number(fixed['WARREN_AMQP_PORT'] ?? broker.port) },
      management: { ...management, port: Number(fixed['WARREN_MANAGEMENT_PORT'] ?? management.port) },
      store: { ...store, port: Number(fixed['WARREN_STORE_PORT'] ?? store.port) },
    };
  }
}

async function stopAll(processes: readonly SupervisedProcess[], drainMs: number): Promise<void> {
  await Promise.all(processes.map((process) => process.stop(drainMs)));
}
