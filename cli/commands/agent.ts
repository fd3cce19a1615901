/** `warren agent`: follows files, standard input or a command's output, and publishes their lines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { CommandOutput } from '../../agents/exec/command-output.js';
import { FileAgent, type FileAgentOptions } from '../../agents/file/file-agent.js';
import { RecordPrinter } from '../../agents/record-printer.js';
import { StdinAgent, type StdinAgentOptions } from '../../agents/stdin/stdin-agent.js';
import type { Configuration } from '../configuration/schema.js';
import { brokerUrl, withoutPassword } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { OperatingError, UsageError } from '../failure.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { settingsOf, withSettings } from '../setting-flags.js';

/** How long what a command has printed may wait to be read when the agent ends, in milliseconds. */
const COMMAND_OUTPUT_MS_MAX = 1_500;

interface AgentFlags {
  file?: string[];
  stdin?: boolean;
  exec?: string;
  service?: string;
  spool?: string;
  dryRun?: boolean;
}

export function agentCommand(): Command {
  const command = new Command('agent')
    .description(
      'follow log files line by line, standard input or the output of a command, and publish each line',
    )
    .option('--file <glob...>', 'files to follow; quote the pattern')
    .option('--stdin', 'read standard input to its end instead')
    .option('--exec <command>', 'run this, again whenever it ends, and read what it prints')
    .requiredOption('--service <name>', 'the service whose logs these are')
    .option('--spool <dir>', 'with --stdin or --exec: where lines wait on the disk while the broker is away')
    .option('--dry-run', 'print the records as JSON and send nothing; files are read from their start')
    .addHelpText(
      'after',
      "\nExamples:\n  warren agent --file '/var/log/shop/*.log' --service shop\n  journalctl -f | warren agent --stdin --service system\n  warren agent --exec 'journalctl -f' --service system",
    )
    .action((flags: AgentFlags) => runUntilStopped(() => startAgent(flags)));
  return withSettings(command, [
    'dataDirectory',
    'host',
    'broker.url',
    'broker.port',
    'environment',
    'log',
    'agent',
  ]);
}

async function startAgent(flags: AgentFlags): Promise<Running> {
  checkUsage(flags);
  const { file: globs = [], exec, service, dryRun = false } = flags;
  const configuration = settingsOf(flags);
  const { environment } = configuration;
  const url = brokerUrl(configuration);
  const own = new OwnLog({ service: 'warren-agent', environment, ...configuration.log });
  const options = {
    service: service as string,
    environment,
    brokerUrl: url,
    requireBroker: true,
    log: own.log,
    ...lineOptions(configuration.agent),
    ...(dryRun ? { sink: new RecordPrinter(process.stdout) } : {}),
  };
  const ready = (from: string) => ({
    addresses: { agent: `${from} to ${withoutPassword(url)}` },
    isQuiet: dryRun,
  });
  if (globs.length > 0) {
    const directory = dryRun
      ? mkdtempSync(join(tmpdir(), 'warren-dry-run-'))
      : dataDirectory(configuration, 'agent');
    return {
      ...ready(globs.join(' ')),
      ...(await startFiles({ ...options, globs, dataDirectory: directory })),
    };
  }
  const publisher = flags.spool === undefined ? {} : { spool: { directory: flags.spool } };
  // Who has a spool can begin without a broker.
  const stream = { ...options, requireBroker: flags.spool === undefined, publisher };
  if (exec !== undefined) return { ...ready(exec), ...(await startCommand(exec, stream)) };
  const agent = await StdinAgent.start({ ...stream, input: process.stdin });
  return { ...ready('standard input'), ended: agent.ended, stop: () => stopStdin(agent) };
}

function checkUsage({ file = [], stdin = false, exec, spool, dryRun = false }: AgentFlags): void {
  const given = [file.length > 0, stdin, exec !== undefined].filter((one) => one);
  if (given.length !== 1) throw new UsageError('agent: give one of --file, --stdin and --exec');
  if (spool === undefined) return;
  if (dryRun) throw new UsageError('agent: --dry-run sends nothing and has no use for a --spool');
  if (file.length > 0) {
    throw new UsageError(
      'agent: --spool goes with --stdin and --exec; files are read again and need no spool',
    );
  }
}

/** Follows files; what a dry run has to keep is gone after it, so that it touches no checkpoint. */
async function startFiles(options: FileAgentOptions) {
  const removeIfDry = () => {
    if (options.sink !== undefined) rmSync(options.dataDirectory, { recursive: true, force: true });
  };
  try {
    const agent = await FileAgent.start(options);
    return { stop: () => agent.stop().finally(removeIfDry) };
  } catch (error) {
    removeIfDry();
    throw error;
  }
}

/** Keeps a command running and publishes what it prints. */
async function startCommand(command: string, options: Omit<StdinAgentOptions, 'input'> & { log: Logger }) {
  const source = new CommandOutput({ command, log: options.log });
  const agent = await StdinAgent.start({ ...options, input: source.output });
  source.start();
  const stop = async () => {
    await source.stop();
    // While the broker takes nothing the output is not read to its end, and nobody waits for ever.
    await Promise.race([agent.ended, sleep(COMMAND_OUTPUT_MS_MAX)]);
    await stopStdin(agent);
  };
  return { stop };
}

/** The settings of lines as the agents take them. */
function lineOptions({ multiline, ...options }: Configuration['agent']) {
  const { timeoutMs: groupTimeoutMs, ...rest } = multiline;
  return { ...options, multiline: rest, groupTimeoutMs };
}

async function stopStdin(agent: StdinAgent): Promise<void> {
  const unsent = await agent.stop();
  if (unsent > 0) throw new OperatingError(`${unsent} lines could not be sent`);
}
