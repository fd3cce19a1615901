// The same operations, played over raw frames to RabbitMQ and to Warren's broker, must be answered alike.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { argumentScripts } from './differential/argument-scripts.js';
import { closingScripts } from './differential/closing-scripts.js';
import { connectionScripts } from './differential/connection-scripts.js';
import { consistentHashScripts } from './differential/consistent-hash-scripts.js';
import { consumeScripts } from './differential/consume-scripts.js';
import { contentScripts } from './differential/content-scripts.js';
import { creditScripts } from './differential/credit-scripts.js';
import { cycleScripts } from './differential/cycle-scripts.js';
import { deadLetterScripts } from './differential/dead-letter-scripts.js';
import { withoutMeantDifferences } from './differential/differences.js';
import { edgeScripts } from './differential/edge-scripts.js';
import { exchangeScripts } from './differential/exchange-scripts.js';
import { exchangeTypeScripts } from './differential/exchange-type-scripts.js';
import { extensionScripts } from './differential/extension-scripts.js';
import { generatedChannelScripts } from './differential/generated-channel-scripts.js';
import { generatedQuorumScripts } from './differential/generated-quorum-scripts.js';
import { generatedScripts } from './differential/generated-scripts.js';
import { historyScripts } from './differential/history-scripts.js';
import { leftOverScripts } from './differential/left-over-scripts.js';
import { logInScripts } from './differential/log-in-scripts.js';
import { Player, type Transcript } from './differential/player.js';
import { publishScripts } from './differential/publish-scripts.js';
import { publisherScripts } from './differential/publisher-scripts.js';
import { queueScripts } from './differential/queue-scripts.js';
import { quorumLimitScripts } from './differential/quorum-limit-scripts.js';
import { quorumScripts } from './differential/quorum-scripts.js';
import { refusalScripts } from './differential/refusal-scripts.js';
import type { Script } from './differential/script.js';
import { waitingScripts } from './differential/waiting-scripts.js';
import { missingRabbitmq, type Rabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const groups: Array<[string, Script[]]> = [
  ['connections', connectionScripts],
  ['logging in', logInScripts],
  ['closing', closingScripts],
  ['contents', contentScripts],
  ['queues', queueScripts],
  ['queue arguments', argumentScripts],
  ['quorum queues', [...quorumScripts, ...quorumLimitScripts]],
  ['refusals', refusalScripts],
  ['exchanges', exchangeScripts],
  ['consistent hashes', consistentHashScripts],
  ['exchange types', exchangeTypeScripts],
  ['publishing', publishScripts],
  ['returns, confirms and transactions', publisherScripts],
  ['consuming', consumeScripts],
  ['dead letters', [...deadLetterScripts, ...historyScripts]],
  ['waiting', waitingScripts],
  ['credit', creditScripts],
  ['dead letters that go on', cycleScripts],
  ['extensions', extensionScripts],
  ['edges', edgeScripts],
  ['left over', leftOverScripts],
  ['generated', [...generatedScripts, ...generatedQuorumScripts]],
  ['generated on several channels', generatedChannelScripts],
];

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
