// RabbitMQ's Java client and Spring AMQP, in programs that Maven compiles here.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';
import { fixture, runProgram } from './program.js';
import { describeWith, fetches, runs } from './requirement.js';

/** The compiler, too, is downloaded the first time. */
const COMPILE_MS = 180_000;

const maven = ['--batch-mode', '--quiet', '-Dstyle.color=never'];

function whatIsMissing(): string | undefined {
  if (!runs('mvn', ['--version']) || !runs('javac', ['--release', '17', '--version'])) {
    return 'Maven and a JDK of 17 or later are not installed (Debian: apt-get install maven default-jdk-headless)';
  }
  return fetches('mvn', [...maven, 'dependency:resolve'], fixture('java'))
    ? undefined
    : 'Maven cannot get what test/interop/fixtures/java/pom.xml names';
}

/** Compiles the programs into `directory`. Returns the class path to run them with. */
async function compileInto(directory: string): Promise<string> {
  const libraries = join(directory, 'class-path');
  const settings = [`-Dwarren.build=${directory}`, `-Dmdep.outputFile=${libraries}`];
  const goals = ['compiler:compile', 'dependency:build-classpath'];
  await promisify(execFile)('mvn', [...maven, ...settings, ...goals], { cwd: fixture('java') });
  return [join(directory, 'classes'), (await readFile(libraries, 'utf8')).trim()].join(delimiter);
}

describeWith(whatIsMissing(), 'Java', () => {
  let broker: BrokerUnderTest;
  let built: string;
  let classPath: string;

  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'warren-interop-java-'));
    classPath = await compileInto(built);
    broker = await startBrokerUnderTest();
  }, COMPILE_MS);

  afterAll(async () => {
    await broker?.stop();
    if (built) await rm(built, { recursive: true, force: true });
  });

  test('an ordinary program with amqp-client publishes, consumes, errs and recovers', async () => {
    const options = ['-cp', classPath, 'warren.client.ClientProgram', broker.url];
    expect(await runProgram(broker, 'java', options)).toEqual([
      'ok server properties',
      'ok publish and consume',
      'ok asynchronous confirms',
      'ok returns before confirms',
      'ok nacked publishes',
      'ok transactions',
      'ok get, requeue and recover',
      'ok prefetch',
      'ok consumer cancelled by the broker',
      'ok consumer priorities',
      'ok dead letters',
      'ok delivery limit',
      'ok single active consumer',
      'ok request and reply',
      'ok channel errors',
      'ok connection errors',
      'ok log in refused',
      'ok heartbeats',
      'restart the broker',
      'ok recovery from a restart',
    ]);
  }, 130_000);

  test('an ordinary program with Spring AMQP has its listeners, retries, replies and confirms', async () => {
    const options = ['-cp', classPath, 'warren.spring.SpringProgram', broker.url];
    expect(await runProgram(broker, 'java', options)).toEqual([
      'ok topology declared by the admin',
      'ok both containers',
      'ok retries, then a dead letter',
      'ok manual acks',
      'ok request and reply',
      'ok correlated confirms',
      'ok correlated returns',
      'ok nacked publishes',
      'ok transactions',
      'ok mismatched queue',
      'restart the broker',
      'ok recovery from a restart',
      'ok shutdown',
    ]);
  }, 130_000);
});
