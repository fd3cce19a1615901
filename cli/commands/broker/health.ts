/** `warren broker health`: the broker's health checks, for scripts and probes. */
import type { Command } from 'commander';
import { EXIT } from '../../failure.js';
import { type ManagementClient, ManagementError } from '../../management/management-client.js';
import { managementCommand, printLine } from '../../management/management-command.js';

/** Those that need no parameter; not every broker knows every one. */
const CHECKS = [
  'alarms',
  'local-alarms',
  'virtual-hosts',
  'node-is-quorum-critical',
  'is-in-service',
  'ready-to-serve-clients',
  'below-node-connection-limit',
] as const;

const UNAVAILABLE = 503;

interface Finding {
  check: string;
  outcome: 'ok' | 'failed';
  detail: string | undefined;
}

interface HealthFlags {
  check: string[];
  json?: boolean;
}

export function healthCommand(): Command {
  return managementCommand<HealthFlags>(
    {
      name: 'health',
      about: 'run the health checks of the broker; exit code 1 if one fails',
      example: 'health --check local-alarms --check port-listener/5672 --timeout 5',
      options: [['--json', 'print the findings as a JSON array']],
      repeatable: [['--check <name>', 'only this one, its parameters after slashes; may be repeated']],
    },
    async ({ client, flags, say }) => {
      const findings = flags.check.length > 0 ? await runAll(client, flags.check) : await runKnown(client);
      if (flags.json) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
      else for (const finding of findings) tell(finding, say);
      if (findings.some(({ outcome }) => outcome === 'failed')) process.exitCode = EXIT.failed;
    },
  );
}

async function runAll(client: ManagementClient, checks: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await run(client, check));
  return findings;
}

async function runKnown(client: ManagementClient): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    try {
      findings.push(await run(client, check));
    } catch (error) {
      if (!(error instanceof ManagementError) || error.exitCode !== EXIT.absent) throw error;
    }
  }
  return findings;
}

async function run(client: ManagementClient, check: string): Promise<Finding> {
  try {
    await client.get(['health', 'checks', ...check.split('/')], { what: `health check '${check}'` });
    return { check, outcome: 'ok', detail: undefined };
  } catch (error) {
    if (!(error instanceof ManagementError) || error.status !== UNAVAILABLE) throw error;
    return { check, outcome: 'failed', detail: error.reason };
  }
}

/** What fails is told even with `--quiet`. */
function tell({ check, outcome, detail }: Finding, say: (text: string) => void): void {
  if (outcome === 'ok') say(`ok      ${check}`);
  else printLine(`failed  ${check}${detail === undefined ? '' : `: ${detail}`}`);
}
