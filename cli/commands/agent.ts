/** `warren agent`: follows files, or standard input, and publishes their lines. */
import { Command } from 'commander';
import { FileAgent } from '../../agents/file/file-agent.js';
import { StdinAgent } from '../../agents/stdin/stdin-agent.js';
import type { Configuration } from '../configuration/schema.js';
import { brokerUrl, withoutPassword } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { OperatingError, UsageError } from '../failure.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { settingsOf, withSettings } from '../setting-flags.js';

interface AgentFlags {
  file?: string[];
  stdin?: boolean;
  service?: string;
  spool?: string;
}

export function agentCommand(): Command {
  const command = new Command('agent')
    .description('follow log files line by line, or standard input, and publish each line')
    .option('--file <glob...>', 'files to follow; quote the pattern')
    .option('--stdin', 'read standard input to its end instead')
    .requiredOption('--service <name>', 'the service whose logs these are')
    .option('--spool <dir>', 'with --stdin: where lines wait on the disk while the broker is away')
    .addHelpText(
      'after',
      "\nExamples:\n  warren agent --file '/var/log/shop/*.log' --service shop\n  journalctl -f | warren agent --stdin --service system",
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
  const { file: globs = [], stdin = false, service } = flags;
  if (globs.length > 0 === stdin) throw new UsageError('agent: give either --file or --stdin');
  if (flags.spool !== undefined && !stdin) {
    throw new UsageError('agent: --spool goes with --stdin; files are read again and need no spool');
  }
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
  };
  const addresses = (from: string) => ({ agent: `${from} to ${withoutPassword(url)}` });
  if (!stdin) {
    const agent = await FileAgent.start({
      ...options,
      globs,
      dataDirectory: dataDirectory(configuration, 'agent'),
    });
    return { addresses: addresses(globs.join(' ')), stop: () => agent.stop() };
  }
  const publisher = flags.spool === undefined ? {} : { spool: { directory: flags.spool } };
  // Who has a spool can begin without a broker.
  const requireBroker = flags.spool === undefined;
  const agent = await StdinAgent.start({ ...options, requireBroker, publisher, input: process.stdin });
  return { addresses: addresses('standard input'), ended: agent.ended, stop: () => stopStdin(agent) };
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
