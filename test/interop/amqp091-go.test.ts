// RabbitMQ's Go client, in a program that is compiled here.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { fixture, runProgram } from './program.js';
import { describeWith, fetches, runs } from './requirement.js';

const COMPILE_MS = 120_000;

function whatIsMissing(): string | undefined {
  if (!runs('go', ['version'])) return 'go is not installed (Debian: apt-get install golang-go)';
  return fetches('go', ['mod', 'download'], fixture('go'))
    ? undefined
    : 'go cannot get what test/interop/fixtures/go/go.mod names';
}

describeWith(whatIsMissing(), 'Go’s amqp091-go', () => {
  let broker: BrokerUnderTest;
  let built: string;

  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'warren-interop-go-'));
    const env = { ...process.env, CGO_ENABLED: '0' };
    await promisify(execFile)('go', ['build', '-o', built, '.'], { cwd: fixture('go'), env });
    broker = await startBrokerUnderTest();
  }, COMPILE_MS);

  afterAll(async () => {
    await broker?.stop();
    if (built) await rm(built, { recursive: true, force: true });
  });

  test('an ordinary program publishes, consumes, errs, and outlives a restart of the broker', async () => {
    expect(await runProgram(broker, join(built, 'interop'), [broker.url])).toEqual([
      'ok publish and consume',
      'ok returns before confirms',
      'ok nacked publishes',
      'ok large and empty bodies',
      'ok many channels at once',
      'ok get, requeue and recover',
      'ok prefetch',
      'ok consumer cancelled by the broker',
      'ok exclusive consumers',
      'ok dead letters',
      'ok transactions',
      'ok exchange bindings',
      'ok alternate exchange',
      'ok headers exchange',
      'ok channel errors',
      'ok connection errors',
      'ok log in refused',
      'ok secret updated',
      'ok heartbeats',
      'restart the broker',
      'ok recovery from a restart',
    ]);
  }, 130_000);
});
