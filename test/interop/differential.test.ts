// The same operations, played over raw frames to RabbitMQ and to Warren's broker, must be answered alike.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { withoutMeantDifferences } from './differential/differences.js';
import { groups } from './differential/groups.js';
import { Player, type Transcript } from './differential/player.js';
import type { Script } from './differential/script.js';
import { missingRabbitmq, type Rabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

/** Groups whose scripts have nothing in common with each other, so that they may run at once. */
const atOnce = new Set(['connections', 'logging in', 'closing']);

async function play(script: Script, host: string, port: number): Promise<Transcript> {
  const player = new Player(host, port);
  try {
    await script.play(player);
  } catch (error) {
    await player.finish();
    throw error;
  }
  return player.finish();
}

describeWith(missingRabbitmq(), 'Warren answers as RabbitMQ does', () => {
  let rabbitmq: Rabbitmq;
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    [rabbitmq, broker] = await Promise.all([startRabbitmq(), startBrokerUnderTest()]);
  }, 90_000);

  afterAll(async () => {
    await broker?.stop();
    await rabbitmq?.stop();
  });

  for (const [group, scripts] of groups) {
    // RabbitMQ takes 3 s over each refusal.
    const inTurn = atOnce.has(group) ? test.concurrent : test;
    for (const script of scripts) {
      inTurn(`${group}: ${script.name}`, async () => {
        const [wanted, answered] = await Promise.all([
          play(script, rabbitmq.host, rabbitmq.port),
          play(script, broker.host, broker.port),
        ]);
        expect(withoutMeantDifferences(script.name, answered)).toEqual(
          withoutMeantDifferences(script.name, wanted),
        );
      });
    }
  }
});
