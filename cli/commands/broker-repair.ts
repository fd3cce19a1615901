/** `warren broker repair`: saves what can be read of a damaged database. */
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { RepairReport } from '../../broker/maintenance.js';
import { UsageError } from '../failure.js';
import { printable } from '../record-line.js';
import { withSettings } from '../setting-flags.js';
import { tableLines } from '../table-lines.js';
import { brokerDirectory, checkLines } from './broker-check.js';

interface RepairFlags {
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

export function brokerRepairCommand(): Command {
  const command = new Command('repair')
    .description('save what can be read of a damaged database into a new one, and set the damaged one aside')
    .option('--dry-run', 'only tell what would be saved and lost')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was saved and lost as one JSON object')
    .addHelpText('after', '\nExample:\n  warren broker repair --dry-run --data-dir /var/lib/warren')
    .action((_flags: object, self: Command) => repair(self.optsWithGlobals()));
  return withSettings(command, ['dataDirectory']);
}

async function repair(flags: RepairFlags): Promise<void> {
  const { Maintenance } = await import('../../broker/maintenance.js');
  const maintenance = Maintenance.begin(brokerDirectory(flags));
  try {
    const found = maintenance.check();
    if (found.problems.length === 0) {
      print(flags.json ? [JSON.stringify({ problems: [] })] : ['No damage was found; nothing was changed']);
      return;
    }
    if (!flags.json) print(checkLines(found));
    const rehearse = flags.dryRun === true;
    if (!rehearse && flags.yes !== true && !(await isWanted())) {
      print(['Nothing was changed']);
      return;
    }
    const report = maintenance.repair({ rehearse });
    print(
      flags.json
        ? [JSON.stringify({ problems: found.problems, ...report }, undefined, 2)]
        : repairLines(report),
    );
  } finally {
    maintenance.end();
  }
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError('broker repair: say --yes, or --dry-run to see what it would save');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Save what can be read and set the damaged database aside? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function repairLines({ queues, messages, remarks, aside }: RepairReport): string[] {
  const lost = queues.reduce((sum, queue) => sum + queue.lost, 0);
  const done = aside !== undefined;
  return [
    ...tableLines(
      ['QUEUE', 'SAVED', 'LOST'],
      queues.map((queue) => [queue.queue, String(queue.saved), String(queue.lost)]),
    ),
    ...remarks.map((remark) => `note: ${remark}`),
    `${messages} messages ${done ? 'were' : 'would be'} saved, ${lost} places in queues ${done ? 'were' : 'would be'} lost`,
    done ? `The damaged database is ${aside} now` : 'Nothing was changed',
  ].map(printable);
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
