// Python's kombu, and Celery with a worker of its own, each run as a program.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { fixture, runProgram } from './program.js';
import { pythonLibraries } from './python-libraries.js';
import { describeWith } from './requirement.js';

const libraries = pythonLibraries();
const [path, missing] = 'path' in libraries ? [libraries.path, undefined] : ['', libraries.missing];

describeWith(missing, 'Python’s kombu and Celery', () => {
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    broker = await startBrokerUnderTest();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  function python(program: string): Promise<string[]> {
    const environment = { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' };
    return runProgram(broker, 'python3', [fixture(program), broker.url], { environment });
  }

  test('an ordinary program with kombu publishes, consumes, errs, and outlives a restart', async () => {
    expect(await python('python/kombu_program.py')).toEqual([
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
  }, 70_000);

  test('a Celery worker runs, retries and orders its tasks, and none is lost with it', async () => {
    expect(await python('python/celery_program.py')).toEqual([
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
  }, 70_000);
});
