import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoredLogs } from '../stored-logs.js';
import { until } from '../until.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';
import { ConfirmedPublisher } from './confirmed-publisher.js';

const RECORDS = 20_000;
/** The blow falls once this many records are confirmed. */
const MIDSTREAM = 6_000;
/** How often one part is killed in one stream. */
const BLOWS = 3;
const DRAIN_MS_MAX = 120_000;

type Part = 'broker' | 'store' | 'collector';

/** The three parts that hold records, each a process of its own that can be killed and started again. */
class Parts {
  readonly #directory = new TemporaryDirectory();
  readonly #processes = new Map<Part, WarrenProcess>();
  readonly #environment: Record<string, string> = {
    WARREN_DATA_DIR: this.#directory.path,
    WARREN_LOG_LEVEL: 'silent',
  };

  async start(): Promise<void> {
    const broker = await this.#launch('broker');
    // A restart has to come back where its clients look for it.
    this.#environment['WARREN_AMQP_PORT'] = new URL(broker.brokerUrl).port;
    const store = await this.#launch('store');
    this.#environment['WARREN_STORE_PORT'] = new URL(store.address('store')).port;
    await this.#launch('collector');
  }

  get brokerUrl(): string {
    return `amqp://guest:guest@127.0.0.1:${this.#environment['WARREN_AMQP_PORT']}`;
  }

  get storeUrl(): string {
    return `http://127.0.0.1:${this.#environment['WARREN_STORE_PORT']}`;
  }

  /** `kill -9`, then a start on the same data. */
  async killAndRestart(part: Part): Promise<void> {
    const killed = await this.#processes.get(part)?.end('SIGKILL');
    expect(killed).toMatchObject({ signal: 'SIGKILL' });
    await this.#launch(part);
  }

  async stop(): Promise<void> {
    for (const part of ['collector', 'store', 'broker'] as const) {
      await this.#processes.get(part)?.[Symbol.asyncDispose]();
    }
    this.#directory[Symbol.dispose]();
  }

  async #launch(part: Part): Promise<WarrenProcess> {
    const launched = await WarrenProcess.start([part], this.#environment);
    this.#processes.set(part, launched);
    return launched;
  }
}

let parts: Parts;

beforeEach(async () => {
  parts = new Parts();
  await parts.start();
});

afterEach(() => parts.stop());

describe('kill -9 in mid-stream with 20,000 records under way', () => {
  it.each(['broker', 'collector', 'store'] as const)(
    'of the %s loses no confirmed record and stores none twice',
    async (part) => {
      const publisher = new ConfirmedPublisher(parts.brokerUrl, part, RECORDS);
      const publishing = publisher.publishAll();
      for (let blow = 1; blow <= BLOWS; blow += 1) {
        const count = Math.min(MIDSTREAM * blow, RECORDS);
        await until(`${count} confirms`, async () => publisher.confirmed.size >= count || undefined, 60_000);
        await parts.killAndRestart(part);
      }
      await publishing;

      await using logs = new StoredLogs(parts.storeUrl);
      await until(
        'all confirmed records in the index',
        async () => (await logs.count(`run:${part}`).catch(() => 0)) >= RECORDS || undefined,
        DRAIN_MS_MAX,
      );
      const stored = await logs.allIds(`run:${part}`);
      const storedOnce = new Set(stored);
      expect(publisher.confirmed.size).toBe(RECORDS);
      expect([...publisher.confirmed].filter((id) => !storedOnce.has(id))).toEqual([]);
      expect(stored).toHaveLength(storedOnce.size);
      expect(storedOnce.size).toBe(RECORDS);
    },
    240_000,
  );
});
