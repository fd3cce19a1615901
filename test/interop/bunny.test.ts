// Ruby's Bunny (Debian's ruby-bunny), run as a program of its own.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { fixture, runProgram } from './program.js';
import { describeWith, runs } from './requirement.js';

const missing = runs('ruby', ['-e', 'require "bunny"'])
  ? undefined
  : 'ruby with bunny is not installed (Debian: apt-get install ruby-bunny)';

describeWith(missing, 'Ruby’s Bunny', () => {
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    broker = await startBrokerUnderTest();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  test('an ordinary program publishes, consumes, errs, and outlives a restart of the broker', async () => {
    expect(await runProgram(broker, 'ruby', [fixture('ruby/bunny_program.rb'), broker.url])).toEqual([
      'ok publish and consume',
      'ok returns',
      'ok nacked publishes',
      'ok get requeue and recover',
      'ok prefetch',
      'ok consumer cancelled by the broker',
      'ok dead letters',
      'ok priorities',
      'ok transactions',
      'ok exchanges',
      'ok channel errors',
      'ok log in refused',
      'ok heartbeats',
      'restart the broker',
      'ok recovery from a restart',
    ]);
  }, 130_000);
});
