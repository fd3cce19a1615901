import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BrokerAtRisk } from './broker-at-risk.js';
import { declareCrashTopology, KEPT } from './crash-topology.js';
import type { Ledger } from './ledger.js';
import { LedgerChannel } from './ledger-channel.js';
import { Rounds } from './rounds.js';

const ROUNDS = Number(process.env['WARREN_CRASH_ROUNDS'] ?? 20);
/** The blow falls within so many milliseconds of load. */
const LOAD_MS_MAX = 700;
const ROUND_MS_MAX = 20_000;
/** More than the broker keeps in memory, so that the middle of the queue is on disk alone. */
const LONG = 40_000;
const TRANSIENT_EVERY = 10;
const WINDOW = 2000;

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

/** Makes a queue long, mostly of what has to survive. */
async function fill(broker: BrokerAtRisk, ledger: Ledger): Promise<void> {
  const publisher = await LedgerChannel.open(broker.url, ledger, 'the one who fills');
  await declareCrashTopology(publisher.channel);
  for (let sent = 0; sent < LONG; sent++) {
    if (sent % TRANSIENT_EVERY === 0) publisher.publishTransient(KEPT);
    else publisher.barrier();
    if (publisher.unconfirmed > WINDOW) await publisher.confirmed();
  }
  await publisher.channel.waitForConfirms();
  await publisher.close();
}

test('kill -9 with a queue longer than the broker keeps in memory loses nothing of it', async () => {
  await using broker = new BrokerAtRisk();
  await broker.start();
  const rounds = new Rounds(broker);
  await fill(broker, rounds.ledger);
  for (let round = 1; round <= 2; round++) {
    await rounds.play(async (random) => {
      await wait(random(LOAD_MS_MAX));
      await broker.kill();
    });
  }
  expect(rounds.ledger.confirms).toBeGreaterThan(LONG * (1 - 1 / TRANSIENT_EVERY));
  expect(await broker.stop()).toBe(0);
}, 120_000);
