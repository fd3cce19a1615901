/** `warren broker`: the embedded broker alone, what there is to do with its database, and the commands of its operator. */
import { Command } from 'commander';
import { Broker } from '../../broker/broker.js';
import { dialled } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { UsageError } from '../failure.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { portSetting, settingsOf, withSettings } from '../setting-flags.js';
import { managementCommands } from './broker/all-commands.js';
import { brokerCheckCommand } from './broker-check.js';
import { brokerRepairCommand } from './broker-repair.js';

const DATABASE = 'The database of a broker that does not run:';

export function brokerCommand(): Command {
  const command = new Command('broker')
    .description('run the embedded AMQP 0-9-1 broker alone')
    .addHelpText('after', '\nExample:\n  warren broker --amqp-port 5673 --data-dir /var/lib/warren')
    .configureHelp({ subcommandTerm: (subcommand) => subcommand.name() })
    .addCommand(brokerCheckCommand().helpGroup(DATABASE))
    .addCommand(brokerRepairCommand().helpGroup(DATABASE))
    .allowExcessArguments()
    .action(run);
  for (const subcommand of managementCommands()) command.addCommand(subcommand);
  return withSettings(command, ['host', 'dataDirectory', 'broker.port', 'log.level', 'environment']);
}

async function run(flags: object, { args: [unknown] }: Command): Promise<void> {
  if (unknown !== undefined) {
    throw new UsageError(`there is no command 'broker ${unknown}'; warren broker --help lists them`);
  }
  await runUntilStopped(() => startBroker(flags), portSetting('broker.port'));
}

async function startBroker(flags: object): Promise<Running> {
  const configuration = settingsOf(flags);
  const { host, environment } = configuration;
  const own = new OwnLog({ service: 'warren-broker', level: configuration.log.level, environment });
  const broker = await Broker.start({
    host,
    port: configuration.broker.port,
    dataDirectory: dataDirectory(configuration, 'broker'),
    log: own.log,
  });
  const address = `${dialled(host)}:${broker.port}`;
  own.sendThrough(`amqp://guest:guest@${address}`);
  return {
    addresses: { broker: `amqp://${address}` },
    fixed: { WARREN_AMQP_PORT: String(broker.port) },
    notices: administratorNotice(broker),
    async stop() {
      await own.close();
      await broker.stop();
    },
  };
}

function administratorNotice({ firstRunAdministrator: administrator }: Broker): string[] {
  if (administrator === undefined) return [];
  const { user, password } = administrator;
  return [`  The broker's administrator is ${user} with the password ${password} (shown this once)`];
}
