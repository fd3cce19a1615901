import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../interop/requirement.js';
import { BrokerAtRisk } from './broker-at-risk.js';
import { FailingDisk, missingDisk } from './failing-disk.js';
import { Rounds } from './rounds.js';

/** So many batches are written before, so that all of the load is under way. */
const BATCHES_BEFORE = 150;
const ROUND_MS_MAX = 60_000;

test.each(['before-write', 'before-commit', 'after-commit', 'after-reply'] as const)(
  'the end of the broker in its writer, %s, loses nothing that was confirmed',
  async (point) => {
    await using broker = new BrokerAtRisk();
    await broker.start({ fault: { point, after: BATCHES_BEFORE } });
    const rounds = new Rounds(broker);
    await rounds.play(() => broker.killed());
    expect(rounds.ledger.confirms).toBeGreaterThan(0);
    expect(await broker.stop()).toBe(0);
  },
  ROUND_MS_MAX,
);

describeWith(missingDisk(), 'the end of the broker at an fsync of its log', () => {
  test.each(['kill-before-sync', 'kill-after-sync'] as const)(
    '%s, loses nothing that was confirmed',
    async (fault) => {
      await using broker = new BrokerAtRisk();
      mkdirSync(broker.dataDirectory);
      using disk = new FailingDisk(broker.directory, broker.dataDirectory);
      await broker.start({ environment: disk.environment });
      const rounds = new Rounds(broker);
      await rounds.play(async () => {
        while (rounds.ledger.confirms < BATCHES_BEFORE) await new Promise((resolve) => setImmediate(resolve));
        disk.fail(fault);
        await broker.killed();
      });
      expect(await broker.stop()).toBe(0);
    },
    ROUND_MS_MAX,
  );
});
