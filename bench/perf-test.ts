// RabbitMQ's own load tool, PerfTest, fetched by Maven once and run as a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What one run of PerfTest says at its end. */
export interface PerfTestResult {
  readonly sentPerSecond: number;
  readonly receivedPerSecond: number;
  /** From publish to delivery. */
  readonly medianMicroseconds: number;
  readonly p99Microseconds: number;
}

const version = '2.22.1';
const pom = fileURLToPath(new URL('../../bench/perf-test/pom.xml', import.meta.url));

/** Fetches PerfTest where it is not there yet; returns its class path. */
export function fetchPerfTest(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const directory = join(cache, 'warren', `perf-test-${version}`);
  const libraries = join(directory, 'lib');
  if (!existsSync(join(libraries, `perf-test-${version}.jar`))) {
    mkdirSync(directory, { recursive: true });
    copyFileSync(pom, join(directory, 'pom.xml'));
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'];
    execFileSync('mvn', ['-B', '-q', ...goal], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return join(libraries, '*');
}

/** Runs PerfTest for so many seconds. Rejects with its last words when it fails. */
export async function runPerfTest(
  classPath: string,
  url: string,
  seconds: number,
  options: readonly string[],
): Promise<PerfTestResult> {
  const main = 'com.rabbitmq.perf.PerfTest';
  const args = ['-cp', classPath, main, '-h', url, '-z', String(seconds), ...options];
  const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? Number.NaN);
  const latency = /, consumer latency min\/median\/75th\/95th\/99th \d+\/(\d+)\/\d+\/\d+\/(\d+)/.exec(said);
  const result = {
    sentPerSecond: number(/sending rate avg: (\d+)/),
    receivedPerSecond: number(/receiving rate avg: (\d+)/),
    medianMicroseconds: Number(latency?.[1] ?? Number.NaN),
    p99Microseconds: Number(latency?.[2] ?? Number.NaN),
  };
  if (code !== 0 || Number.isNaN(result.receivedPerSecond)) {
    throw new Error(`PerfTest ended with ${code}:\n${said.split('\n').slice(-12).join('\n')}`);
  }
  return result;
}
