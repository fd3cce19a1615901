import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeWith } from '../interop/requirement.js';
import { until } from '../until.js';
import { BrokerAtRisk } from './broker-at-risk.js';
import { FailingDisk, missingDisk } from './failing-disk.js';
import { Rounds } from './rounds.js';

const ROUNDS = Number(process.env['WARREN_CRASH_POWER_CUTS'] ?? 8);
const LOAD_MS_MAX = 500;
/** So many messages are confirmed after the disk has failed. */
const CONFIRMS_AFTER = 300;
const ROUND_MS_MAX = 20_000;

describeWith(missingDisk(), 'a power cut', () => {
  test(
    `at random, ${ROUNDS} times, loses nothing that was confirmed, whatever else the disk has lost`,
    async () => {
      await using broker = new BrokerAtRisk();
      mkdirSync(broker.dataDirectory);
      using disk = new FailingDisk(broker.directory, broker.dataDirectory);
      // The first cut comes on a directory that has just been made.
      await broker.start({ environment: disk.watched() });
      const rounds = new Rounds(broker);
      for (let round = 1; round <= ROUNDS; round++) {
        await rounds.play(
          async (random) => {
            await wait(random(LOAD_MS_MAX));
            await broker.kill();
            disk.cutPower(random);
          },
          () => ({ environment: disk.watched() }),
        );
      }
      const { confirms, deliveries } = rounds.ledger;
      console.info(`${ROUNDS} power cuts: ${confirms} confirms, ${deliveries} deliveries`);
      expect(await broker.stop()).toBe(0);
      expect(confirms).toBeGreaterThan(ROUNDS);
    },
    ROUND_MS_MAX * ROUNDS,
  );

  test('after fsyncs that failed loses nothing that was confirmed when they went well again', async () => {
    await using broker = new BrokerAtRisk();
    mkdirSync(broker.dataDirectory);
    using disk = new FailingDisk(broker.directory, broker.dataDirectory);
    await broker.start({ environment: disk.watched() });
    const rounds = new Rounds(broker);
    await rounds.play(async (random) => {
      // What was written before an fsync that failed is lost by this disk, though it can still be read.
      disk.fail('sync-fails');
      await until('fsyncs that fail', async () => disk.refusals > 2 || undefined);
      disk.fail();
      const enough = rounds.ledger.confirms + CONFIRMS_AFTER;
      await until('confirms', async () => rounds.ledger.confirms > enough || undefined);
      await broker.kill();
      disk.cutPower(random);
    });
    expect(await broker.stop()).toBe(0);
  }, 60_000);
});
