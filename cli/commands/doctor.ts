/** `warren doctor`: looks at everything Warren needs and says what to do about what is missing. */
import { statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from '@elastic/elasticsearch';
import { Command } from 'commander';
import { DEAD_QUEUE, INDEX_QUEUE } from '../../collector/topology.js';
import { connectBroker, reasonOf } from '../broker-connection.js';
import type { Configuration } from '../configuration/schema.js';
import { brokerUrl, elasticsearchUrl, withoutPassword } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { EXIT, explainFailure } from '../failure.js';
import { portHolder } from '../port-holder.js';
import { settingsOf, withSettings } from '../setting-flags.js';

/** Less free disk than this, in bytes, is worth a warning. */
const FREE_BYTES_MIN = 1_073_741_824;
const CHECK_MS_MAX = 5_000;

/** What one check found. `failed` makes the command's exit code 1; `warning` does not. */
interface Finding {
  check: string;
  outcome: 'ok' | 'warning' | 'failed';
  detail: string;
}

type Check = (configuration: Configuration) => Promise<Omit<Finding, 'check'>>;

const CHECKS: Record<string, Check> = {
  node: checkNode,
  'better-sqlite3': () => checkModule('better-sqlite3'),
  duckdb: () => checkModule('@duckdb/node-api'),
  'data directory': checkDataDirectory,
  broker: checkBroker,
  queues: checkQueues,
  store: checkStore,
  console: checkConsolePort,
};

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check what Warren needs and say what to do about what is missing')
    .option('--json', 'print the findings as a JSON array')
    .addHelpText('after', '\nExample:\n  warren doctor --broker-url amqp://rabbit:5672')
    .action(examine);
  return withSettings(command);
}

async function examine(flags: { json?: boolean }): Promise<void> {
  const configuration = settingsOf(flags);
  const findings: Finding[] = [];
  for (const [check, run] of Object.entries(CHECKS)) {
    findings.push({ check, ...(await outcomeOf(run, configuration)) });
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
  else for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
  if (findings.some(({ outcome }) => outcome === 'failed')) process.exitCode = EXIT.failed;
}

async function outcomeOf(run: Check, configuration: Configuration): Promise<Omit<Finding, 'check'>> {
  const tooSlow = wait(CHECK_MS_MAX, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${CHECK_MS_MAX / 1000} s`);
  });
  try {
    return await Promise.race([run(configuration), tooSlow]);
  } catch (error) {
    return { outcome: 'failed', detail: explainFailure(error).message.split('\n')[0] as string };
  }
}

function lineOf({ check, outcome, detail }: Finding): string {
  const mark = { ok: '✓', warning: '!', failed: '✗' }[outcome];
  return `${mark} ${check.padEnd(16)} ${detail}`;
}

async function checkNode(): Promise<Omit<Finding, 'check'>> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return recent
    ? { outcome: 'ok', detail: process.version }
    : { outcome: 'failed', detail: `${process.version}; Warren needs Node 20.19 or later` };
}

async function checkModule(name: string): Promise<Omit<Finding, 'check'>> {
  if (name === 'better-sqlite3') {
    const { default: Database } = await import('better-sqlite3');
    new Database(':memory:').close();
  } else {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    (await DuckDBInstance.create()).closeSync();
  }
  return { outcome: 'ok', detail: 'loads' };
}

async function checkDataDirectory(configuration: Configuration): Promise<Omit<Finding, 'check'>> {
  const path = dataDirectory(configuration, 'broker');
  const { bavail, bsize } = statfsSync(path);
  const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
  return bavail * bsize < FREE_BYTES_MIN
    ? { outcome: 'warning', detail: `${path}, only ${free}` }
    : { outcome: 'ok', detail: `${path}, ${free}` };
}

async function checkBroker(configuration: Configuration): Promise<Omit<Finding, 'check'>> {
  const url = brokerUrl(configuration);
  const connection = await connectBroker(url);
  const { product, version } = connection.connection.serverProperties;
  await connection.close();
  return { outcome: 'ok', detail: `${product} ${version} at ${withoutPassword(url)}` };
}

async function checkQueues(configuration: Configuration): Promise<Omit<Finding, 'check'>> {
  const connection = await connectBroker(brokerUrl(configuration));
  const channel = await connection.createChannel();
  // The failed check closes the channel; the rejected call below says why.
  channel.on('error', () => undefined);
  try {
    const waiting = await channel.checkQueue(INDEX_QUEUE);
    const dead = await channel.checkQueue(DEAD_QUEUE);
    const detail = `${waiting.messageCount} records waiting for ${waiting.consumerCount} collectors, ${dead.messageCount} dead letters`;
    return waiting.consumerCount === 0
      ? { outcome: 'warning', detail: `${detail}; start a collector with warren collector` }
      : { outcome: 'ok', detail };
  } catch {
    return {
      outcome: 'warning',
      detail: `${INDEX_QUEUE} is not there yet; warren up or warren collector makes it`,
    };
  } finally {
    await connection.close();
  }
}

async function checkStore(configuration: Configuration): Promise<Omit<Finding, 'check'>> {
  const url = elasticsearchUrl(configuration);
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: CHECK_MS_MAX });
  try {
    const { version } = await client.info();
    const { count } = await client.count({ index: 'logs-*', ignore_unavailable: true });
    return { outcome: 'ok', detail: `${version.number} at ${withoutPassword(url)}, ${count} logs` };
  } catch (error) {
    return {
      outcome: 'failed',
      detail: `no store answers at ${withoutPassword(url)} (${reasonOf(error)}); start one with warren up`,
    };
  } finally {
    await client.close();
  }
}

async function checkConsolePort({ host, console: { port } }: Configuration): Promise<Omit<Finding, 'check'>> {
  try {
    const response = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(CHECK_MS_MAX) });
    const title = /<title>([^<]*)/.exec(await response.text())?.[1] ?? '';
    return title.includes('Warren')
      ? { outcome: 'ok', detail: `http://${host}:${port}` }
      : {
          outcome: 'failed',
          detail: `port ${port} is taken by ${portHolder(port) ?? 'another program'}; choose another with WARREN_CONSOLE_PORT`,
        };
  } catch {
    await tryPort(host, port);
    return { outcome: 'warning', detail: `not running; port ${port} is free` };
  }
}

async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  server.close();
}
