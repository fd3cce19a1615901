// Rounds of a crash test: load, an end, a start, a check.
import { randomNumbers } from '../interop/random-numbers.js';
import type { BrokerAtRisk, BrokerStart } from './broker-at-risk.js';
import { QUEUES } from './crash-topology.js';
import { Ledger } from './ledger.js';
import { survey } from './survey.js';
import { TopologyChanges } from './topology-changes.js';
import { Workload } from './workload.js';

/** What makes a run the same again, as far as processes and disks let it. */
const SEED = Number(process.env['WARREN_CRASH_SEED'] ?? 20_241);

export class Rounds {
  readonly ledger = new Ledger(QUEUES);
  readonly changes = new TopologyChanges();
  round = 0;
  readonly #broker: BrokerAtRisk;

  constructor(broker: BrokerAtRisk) {
    this.#broker = broker;
  }

  /**
   * One round with a broker that runs: load, and meanwhile what ends the broker; then a start and a check.
   *
   * @param end ends the broker; its load is under way
   * @param start how it is started again
   */
  async play(
    end: (random: (limit: number) => number) => Promise<void>,
    start: BrokerStart | (() => BrokerStart) = {},
  ): Promise<void> {
    const seed = SEED + ++this.round * 1000;
    const workload = await Workload.start(this.#broker.port, this.ledger, this.changes, seed);
    await end(randomNumbers(seed + 3));
    await workload.ended();
    await this.#broker.start(typeof start === 'function' ? start() : start);
    await survey(this.#broker.url, this.ledger, this.changes);
    const { violations } = this.ledger;
    if (violations.length === 0) return;
    const shown = violations.slice(0, 20).join('\n');
    throw new Error(`round ${this.round}, WARREN_CRASH_SEED=${SEED}: ${violations.length} faults\n${shown}`);
  }
}
