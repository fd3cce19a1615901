// Python's kombu, and Celery with a worker of its own, each run as a program.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { missingPython, runPython } from './python-program.js';
import { describeWith } from './requirement.js';

describeWith(missingPython, 'Python’s kombu and Celery', () => {
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    broker = await startBrokerUnderTest();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  test('an ordinary program with kombu publishes, consumes, errs, and outlives a restart', async () => {
    expect(await runPython(broker, 'kombu_program.py')).toEqual([
      'ok publish and consume',
      'ok exchange types',
      'ok returns',
      'ok nacked publishes',
      'ok requeue and dead letters',
      'ok simple queue',
      'ok errors',
      'ok pools',
      'ok heartbeats',
      'restart the broker',
      'ok recovery from a restart',
    ]);
  }, 130_000);

  test('a Celery worker runs, retries and orders its tasks, and none is lost with it', async () => {
    expect(await runPython(broker, 'celery_program.py')).toEqual([
      'ok worker answers ping',
      'ok tasks and results',
      'ok retries',
      'ok countdown',
      'ok routing',
      'ok priorities',
      'ok events',
      'ok killed worker',
      'restart the broker',
      'ok restarted broker',
      'ok warm shutdown',
    ]);
  }, 130_000);
});
