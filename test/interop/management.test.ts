// The same requests of the management HTTP API, made of RabbitMQ and of Warren's broker, must be answered alike.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparable } from './management/differences.js';
import { groups } from './management/groups.js';
import { type ManagedServer, startManagedBroker, startManagedRabbitmq } from './management/managed-server.js';
import { ManagementPlayer, type Transcript } from './management/player.js';
import type { ManagementScript } from './management/script.js';
import { missingRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const SCRIPT_MS = 60_000;

async function play(script: ManagementScript, server: ManagedServer): Promise<Transcript> {
  const player = await ManagementPlayer.start(server);
  try {
    await script.play(player);
  } catch (error) {
    await player.finish();
    throw error;
  }
  return player.finish();
}

describeWith(missingRabbitmq(), 'Warren’s management API answers as RabbitMQ’s does', () => {
  let rabbitmq: ManagedServer;
  let broker: ManagedServer;

  beforeAll(async () => {
    [rabbitmq, broker] = await Promise.all([startManagedRabbitmq(), startManagedBroker()]);
  }, 90_000);

  afterAll(async () => {
    await broker?.stop();
    await rabbitmq?.stop();
  });

  for (const [group, scripts] of groups) {
    for (const script of scripts) {
      test(
        `${group}: ${script.name}`,
        async () => {
          const [wanted, answered] = await Promise.all([play(script, rabbitmq), play(script, broker)]);
          const compared = comparable(wanted, answered);
          expect(compared.answered).toEqual(compared.wanted);
        },
        SCRIPT_MS,
      );
    }
  }
});
