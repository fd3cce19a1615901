/** `warren broker`: the embedded broker alone, what there is to do with its database, and the commands of its operator. */
import { Command } from 'commander';
import type { Broker, BrokerOptions } from '../../broker/broker.js';
import type { Configuration } from '../configuration/schema.js';
import { dialled, plainHost } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { UsageError } from '../failure.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { newOwnPassword, OWN_PASSWORD_VARIABLE, OWN_USER } from '../own-user.js';
import { portSettings, settingsOf, withSettings } from '../setting-flags.js';
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
  return withSettings(command, [
    'host',
    'dataDirectory',
    'broker.port',
    'broker.tls',
    'broker.allowGuestFromAnywhere',
    'broker.allowPlainFromAnywhere',
    'broker.connectionsMax',
    'broker.connectionsPerSecondMax',
    'broker.drainMsMax',
    'broker.passwordHashing',
    'broker.oauth',
    'management.port',
    'management.tlsPort',
    'management.definitions',
    'log',
    'environment',
  ]);
}

async function run(flags: object, { args: [unknown] }: Command): Promise<void> {
  if (unknown !== undefined) {
    throw new UsageError(`there is no command 'broker ${unknown}'; warren broker --help lists them`);
  }
  await runUntilStopped(
    () => startBroker(flags),
    () => portSettings(flags, ['broker.port', 'broker.tls.port', 'management.port', 'management.tlsPort']),
  );
}

/** What is left of a drain besides waiting for clients: the own log, and the disk. */
const STOP_MS_MAX = 5_000;

/** Everything in the virtual host that Warren uses, and nothing elsewhere. */
const OWN_PERMISSIONS = { '/': { configure: '.*', write: '.*', read: '.*' } };

async function startBroker(flags: object): Promise<Running> {
  const configuration = settingsOf(flags);
  const { host, environment } = configuration;
  const own = new OwnLog({ service: 'warren-broker', environment, ...configuration.log });
  // Only here: what asks a broker does not need one.
  const { Broker } = await import('../../broker/broker.js');
  const password = process.env[OWN_PASSWORD_VARIABLE] ?? newOwnPassword();
  const broker = await Broker.start({
    ...brokerOptions(configuration),
    users: [{ name: OWN_USER, password, tags: [], permissions: OWN_PERMISSIONS }],
    dataDirectory: dataDirectory(configuration, 'broker'),
    log: own.log,
  });
  const address = `${dialled(broker.host)}:${broker.port}`;
  own.sendThrough(`amqp://${OWN_USER}:${password}@${address}`);
  const { drainMsMax } = configuration.broker;
  const secure = broker.tlsPort === undefined ? undefined : `amqps://${dialled(host)}:${broker.tlsPort}`;
  return {
    addresses: {
      broker: `amqp://${address}`,
      ...(secure !== undefined && { 'broker-tls': secure }),
      management: `http://${dialled(plainHost(configuration))}:${broker.managementPort}`,
      ...(broker.managementTlsPort !== undefined && {
        'management-tls': `https://${dialled(host)}:${broker.managementTlsPort}`,
      }),
    },
    fixed: {
      ...(broker.managementTlsPort !== undefined && {
        WARREN_MANAGEMENT_TLS_PORT: String(broker.managementTlsPort),
      }),
      WARREN_AMQP_PORT: String(broker.port),
      WARREN_MANAGEMENT_PORT: String(broker.managementPort),
      ...(broker.tlsPort !== undefined && { WARREN_AMQPS_PORT: String(broker.tlsPort) }),
    },
    notices: administratorNotice(broker),
    drainMsMax: drainMsMax + STOP_MS_MAX,
    // Who manages it may have it drained as well, and for longer.
    ended: broker.drained,
    async stop() {
      await own.close();
      await broker.drain({ timeoutMs: drainMsMax });
    },
    reload() {
      try {
        broker.reloadTls();
      } catch (error) {
        own.log.error({ err: error }, `The old TLS certificate stays in force: ${(error as Error).message}`);
      }
    },
  };
}

function brokerOptions(configuration: Configuration): BrokerOptions {
  const { host, broker, management } = configuration;
  const { port, certificate, key, authority, ...tls } = broker.tls;
  const { allowGuestFromAnywhere, allowPlainFromAnywhere, connectionsMax, connectionsPerSecondMax } = broker;
  const { resourceServerId, ...oauth } = broker.oauth;
  const hasTls = certificate !== undefined || key !== undefined || authority !== undefined;
  return {
    host,
    port: broker.port,
    management: {
      host: plainHost(configuration),
      port: management.port,
      ...(hasTls && { tls: { host, port: management.tlsPort } }),
    },
    ...(hasTls && {
      tls: { ...tls, port, certificateFile: certificate, keyFile: key, authorityFile: authority },
    }),
    allowGuestFromAnywhere,
    allowPlainFromAnywhere,
    passwordHashing: broker.passwordHashing,
    ...(resourceServerId !== undefined && { oauth: { ...oauth, resourceServerId } }),
    definitionsFile: management.definitions,
    connectionLimits: { connectionsMax, connectionsPerSecondMax },
  };
}

function administratorNotice({ firstRunAdministrator: administrator }: Broker): string[] {
  if (administrator === undefined) return [];
  const { user, password } = administrator;
  return [`  The broker's administrator is ${user} with the password ${password} (shown this once)`];
}
