/** `warren broker check`: is the broker's database whole? */
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { CheckReport } from '../../broker/maintenance.js';
import { EXIT } from '../failure.js';
import { printable } from '../record-line.js';
import { settingsOf, withSettings } from '../setting-flags.js';
import { tableLines } from '../table-lines.js';

export function brokerCheckCommand(): Command {
  const command = new Command('check')
    .description(
      'check the database of a broker that does not run, and change nothing; exit code 1 for damage',
    )
    .option('--json', 'print the findings as one JSON object')
    .addHelpText('after', '\nExample:\n  warren broker check --data-dir /var/lib/warren')
    .action((_flags: object, self: Command) => check(self.optsWithGlobals()));
  return withSettings(command, ['dataDirectory']);
}

/** The broker's own directory in the data directory; not made where it is not there. */
export function brokerDirectory(flags: object): string {
  return resolve(settingsOf(flags).dataDirectory, 'broker');
}

async function check(flags: { json?: boolean }): Promise<void> {
  const { Maintenance } = await import('../../broker/maintenance.js');
  const maintenance = Maintenance.begin(brokerDirectory(flags));
  try {
    const report = maintenance.check();
    process.stdout.write(
      `${flags.json ? JSON.stringify(report, undefined, 2) : checkLines(report).join('\n')}\n`,
    );
    if (report.problems.length > 0) process.exitCode = EXIT.failed;
  } finally {
    maintenance.end();
  }
}

/** A report for a terminal. */
export function checkLines({
  path,
  format,
  queues,
  messages,
  bytes,
  problems,
  notes,
}: CheckReport): string[] {
  return [
    `${path}, format ${format}`,
    ...tableLines(
      ['QUEUE', 'MESSAGES', 'BYTES'],
      queues.map((queue) => [queue.queue, String(queue.messages), String(queue.bytes)]),
    ),
    `${queues.length} queues, ${messages} messages stored, ${bytes} bytes in their bodies`,
    ...notes.map((note) => `note: ${note}`),
    ...problems.map((problem) => `problem: ${problem}`),
    problems.length === 0
      ? 'No damage was found'
      : `${problems.length} problems; warren broker repair saves what can be read`,
  ].map(printable);
}
