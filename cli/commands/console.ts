/** `warren console`: the web page alone. */
import { Command } from 'commander';
import { Console } from '../../dashboards/console/server/console.js';
import { brokerUrl, dialled, elasticsearchUrl } from '../configuration/urls.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { portSettings, settingsOf, withSettings } from '../setting-flags.js';

export function consoleCommand(): Command {
  const command = new Command('console')
    .description('serve the web page: search, live tail, dead letters')
    .addHelpText(
      'after',
      '\nExample:\n  warren console --elasticsearch-url http://elastic:9200 --console-port 8080',
    )
    .action((flags: object) =>
      runUntilStopped(
        () => startConsole(flags),
        () => portSettings(flags, ['console.port']),
      ),
    );
  return withSettings(command, [
    'host',
    'console.port',
    'broker.url',
    'broker.port',
    'elasticsearch.url',
    'store.port',
    'log',
    'environment',
  ]);
}

async function startConsole(flags: object): Promise<Running> {
  const configuration = settingsOf(flags);
  const { host, environment } = configuration;
  const own = new OwnLog({ service: 'warren-console', environment, ...configuration.log });
  const webConsole = await Console.start({
    host,
    port: configuration.console.port,
    brokerUrl: brokerUrl(configuration),
    elasticsearchUrl: elasticsearchUrl(configuration),
    log: own.log,
  });
  own.sendThrough(brokerUrl(configuration));
  return {
    addresses: { console: `http://${dialled(host)}:${webConsole.port}` },
    fixed: { WARREN_CONSOLE_PORT: String(webConsole.port) },
    async stop() {
      await webConsole.stop();
      await own.close();
    },
  };
}
