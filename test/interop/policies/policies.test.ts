// The same policies, and the same work of a client, with our broker and with Debian's RabbitMQ.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AmqplibSession } from '../amqplib-session.js';
import { missingRabbitmq } from '../rabbitmq.js';
import { describeWith } from '../requirement.js';
import { CANDIDATES, type Candidate } from './candidates.js';
import { deathScenarios, timeScenarios } from './death-scenarios.js';
import { lengthScenarios } from './length-scenarios.js';
import { exchangeScenarios, matchScenarios } from './match-scenarios.js';
import { NAMES, PATTERNS } from './patterns.js';
import { type PolicyBroker, startOurs, startTheirs } from './policy-broker.js';
import { PolicyClient } from './policy-client.js';
import type { Scenario } from './scenario.js';
import { Watch } from './watch.js';

const SCENARIOS: readonly Scenario[] = [
  ...lengthScenarios,
  ...timeScenarios,
  ...deathScenarios,
  ...matchScenarios,
  ...exchangeScenarios,
];
const PLAY_MS = 60_000;

async function play(scenario: Scenario, broker: PolicyBroker, watch: Watch): Promise<Watch['seen']> {
  const client = await PolicyClient.open(broker, watch, `p${SCENARIOS.indexOf(scenario)}`);
  try {
    await scenario.play(client);
  } finally {
    await client.close();
  }
  return watch.seen;
}

describeWith(missingRabbitmq(), 'policies have the effect that they have in RabbitMQ', () => {
  let ours: PolicyBroker;
  let theirs: PolicyBroker;

  beforeAll(async () => {
    ours = await startOurs();
    theirs = await startTheirs();
  }, 90_000);

  afterAll(async () => {
    await ours?.stop();
    await theirs?.stop();
  });

  describe('with one queue or exchange', () => {
    for (const scenario of SCENARIOS) {
      test(
        scenario.name,
        async () => {
          const seen = await play(scenario, ours, new Watch());
          expect(await play(scenario, theirs, new Watch(seen))).toEqual(seen);
        },
        PLAY_MS,
      );
    }
  });

  test(
    'what a policy may be is told alike',
    async () => {
      const answers = async (broker: PolicyBroker): Promise<[Candidate, string | undefined][]> => {
        const all: [Candidate, string | undefined][] = [];
        for (const candidate of CANDIDATES) {
          const [kind, body] = candidate;
          all.push([candidate, await broker.put(kind, 'candidate', body)]);
          await broker.drop(kind, 'candidate');
        }
        return all;
      };
      expect(await answers(ours)).toEqual(await answers(theirs));
    },
    PLAY_MS,
  );

  test(
    'names are matched alike',
    async () => {
      const matched = async (broker: PolicyBroker): Promise<[string, string[] | string][]> => {
        const session = await AmqplibSession.open(broker.url);
        for (const name of NAMES) await session.channel.assertQueue(name, { exclusive: true });
        const all: [string, string[] | string][] = [];
        for (const pattern of PATTERNS) {
          const refused = await broker.put('policy', 'pattern', { pattern, definition: { 'max-length': 5 } });
          all.push([pattern, refused ?? (await broker.namesUnder('pattern'))]);
          await broker.drop('policy', 'pattern');
        }
        await session.close();
        return all;
      };
      expect(await matched(ours)).toEqual(await matched(theirs));
    },
    PLAY_MS,
  );
});
