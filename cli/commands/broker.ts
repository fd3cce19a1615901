/** `warren broker`: the embedded broker alone, and what there is to do with its database. */
import { Command } from 'commander';
import { Broker } from '../../broker/broker.js';
import { dialled } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { portSetting, settingsOf, withSettings } from '../setting-flags.js';
import { brokerCheckCommand } from './broker-check.js';
import { brokerRepairCommand } from './broker-repair.js';

export function brokerCommand(): Command {
  const command = new Command('broker')
    .description('run the embedded AMQP 0-9-1 broker alone')
    .addHelpText('after', '\nExample:\n  warren broker --amqp-port 5673 --data-dir /var/lib/warren')
    .addCommand(brokerCheckCommand())
    .addCommand(brokerRepairCommand())
    .action((flags: object) => runUntilStopped(() => startBroker(flags), portSetting('broker.port')));
  return withSettings(command, ['host', 'dataDirectory', 'broker.port', 'log.level', 'environment']);
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
