import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BrokerAtRisk } from './broker-at-risk.js';
import { Rounds } from './rounds.js';

const ROUNDS = Number(process.env['WARREN_CRASH_ROUNDS'] ?? 20);
/** The blow falls within so many milliseconds of load. */
const LOAD_MS_MAX = 700;
const ROUND_MS_MAX = 20_000;

test(
  `kill -9 of the broker ${ROUNDS} times at random, under all kinds of load, loses nothing that was confirmed`,
  async () => {
    await using broker = new BrokerAtRisk();
    await broker.start();
    const rounds = new Rounds(broker);
    for (let round = 1; round <= ROUNDS; round++) {
      await rounds.play(async (random) => {
        await wait(random(LOAD_MS_MAX));
        await broker.kill();
      });
    }
    const { confirms, deliveries } = rounds.ledger;
    console.info(
      `${ROUNDS} rounds: ${confirms} confirms, ${deliveries} deliveries, ${rounds.changes.steps} changes`,
    );
    expect(await broker.stop()).toBe(0);
    expect(Math.min(confirms, deliveries, rounds.changes.steps)).toBeGreaterThan(ROUNDS);
  },
  ROUND_MS_MAX * ROUNDS,
);
