// Python's pika, run as a program of its own.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { missingPython, runPython } from './python-program.js';
import { describeWith } from './requirement.js';

describeWith(missingPython, 'Python’s pika', () => {
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    broker = await startBrokerUnderTest();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  test('an ordinary program publishes, consumes, errs, dead-letters and commits', async () => {
    expect(await runPython(broker, 'pika_program.py')).toEqual([
      'ok publish and consume',
      'ok unroutable',
      'ok channel errors',
      'ok dead letters',
      'ok requeue',
      'ok transactions',
      'ok heartbeats',
      'ok log in refused',
    ]);
  }, 130_000);
});
