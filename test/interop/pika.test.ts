// Python's pika, run as a program of its own.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { describeWith, runs } from './requirement.js';

const program = new URL('../../../test/interop/fixtures/python/pika_program.py', import.meta.url).pathname;
const missing = runs('python3', ['-c', 'import pika'])
  ? undefined
  : 'python3 with pika is not installed (python3 -m pip install pika)';

describeWith(missing, 'Python’s pika', () => {
  let broker: BrokerUnderTest;

  beforeAll(async () => {
    broker = await startBrokerUnderTest();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  test('an ordinary program publishes, consumes, errs, dead-letters and commits', async () => {
    const { stdout } = await promisify(execFile)('python3', [program, broker.url], { timeout: 30_000 });
    expect(stdout.trim().split('\n')).toEqual([
      'ok publish and consume',
      'ok unroutable',
      'ok channel errors',
      'ok dead letters',
      'ok requeue',
      'ok transactions',
      'ok heartbeats',
      'ok log in refused',
    ]);
  }, 40_000);
});
