// Debian's Prometheus, with a configuration and a directory of its own, on 127.0.0.1 and a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import { until } from '../../until.js';
import { runs } from '../requirement.js';

const PROMETHEUS = process.env['WARREN_TEST_PROMETHEUS'] ?? 'prometheus';
export const PROMTOOL = process.env['WARREN_TEST_PROMTOOL'] ?? 'promtool';

/** Why there is no Prometheus to scrape with, or nothing if there is one. */
export function missingPrometheus(): string | undefined {
  if (runs(PROMETHEUS, ['--version']) && runs(PROMTOOL, ['--version'])) return undefined;
  return 'prometheus and promtool are not installed (Debian: apt-get install prometheus)';
}

/** A series of an answer; of a range the largest value. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Target {
  readonly job: string;
  readonly health: string;
  readonly lastError: string;
}

/** What is scraped under a name: `/metrics`, with a query where it has one. */
export interface Job {
  readonly port: number;
  readonly path: string;
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
}

const SCRAPE_INTERVAL_S = 1;

export class Prometheus {
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly directory: string;

  private constructor(child: ChildProcess, url: string, directory: string) {
    this.child = child;
    this.url = url;
    this.directory = directory;
  }

  /** Starts it, and resolves when it answers. */
  static async start(jobs: Readonly<Record<string, Job>>): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), 'warren-prometheus-'));
    const port = await freePort();
    const configuration = join(directory, 'prometheus.yml');
    await writeFile(configuration, configurationOf(jobs));
    const child = spawn(
      PROMETHEUS,
      [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`, directory);
    await until('Prometheus is ready', async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}`);
      const ready = await fetch(`${prometheus.url}/-/ready`).catch(() => undefined);
      return ready?.ok ? true : undefined;
    });
    return prometheus;
  }

  private async ask(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`${parameters['query'] ?? path}: ${answer.error}`);
    return answer.data;
  }

  /** Evaluates an expression now. */
  async query(query: string): Promise<Series[]> {
    const { result } = (await this.ask('query', { query })) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Evaluates an expression over the last `seconds`, as a graph does. */
  async queryRange(query: string, seconds: number): Promise<Series[]> {
    const end = Date.now() / 1000;
    const { result } = (await this.ask('query_range', {
      query,
      start: String(end - seconds),
      end: String(end),
      step: '1',
    })) as { result: { metric: Record<string, string>; values: [number, string][] }[] };
    return result.map(({ metric, values }) => ({
      metric,
      value: Math.max(...values.map(([, value]) => Number(value))),
    }));
  }

  /** The values that a label has in series of now. */
  async labelValues(label: string, match: string): Promise<string[]> {
    return (await this.ask(`label/${label}/values`, { 'match[]': match })) as string[];
  }

  async targets(): Promise<Target[]> {
    const { activeTargets } = (await this.ask('targets', {})) as {
      activeTargets: { labels: { job: string }; health: string; lastError: string }[];
    };
    return activeTargets.map(({ labels, health, lastError }) => ({ job: labels.job, health, lastError }));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** JSON, which is YAML. */
function configurationOf(jobs: Readonly<Record<string, Job>>): string {
  return JSON.stringify({
    global: { scrape_interval: `${SCRAPE_INTERVAL_S}s`, scrape_timeout: `${SCRAPE_INTERVAL_S}s` },
    scrape_configs: Object.entries(jobs).map(([name, { port, path, parameters = {} }]) => ({
      job_name: name,
      metrics_path: path,
      params: parameters,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  });
}
