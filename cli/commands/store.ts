/** `warren store`: the embedded log store alone. */
import { Command } from 'commander';
import { LogStore } from '../../store/store.js';
import { brokerUrl, dialled } from '../configuration/urls.js';
import { dataDirectory } from '../data-directory.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { portSettings, settingsOf, withSettings } from '../setting-flags.js';

const BYTES_PER_MEBIBYTE = 1_048_576;

export function storeCommand(): Command {
  const command = new Command('store')
    .description("run the embedded log store alone; it answers Elasticsearch's API")
    .addHelpText('after', '\nExample:\n  warren store --store-port 9201 --data-dir /var/lib/warren')
    .action((flags: object) =>
      runUntilStopped(
        () => startStore(flags),
        () => portSettings(flags, ['store.port']),
      ),
    );
  return withSettings(command, [
    'host',
    'dataDirectory',
    'store.port',
    'store.memoryMebibytesMax',
    'broker.url',
    'broker.port',
    'log',
    'environment',
  ]);
}

async function startStore(flags: object): Promise<Running> {
  const configuration = settingsOf(flags);
  const { host, environment, store: settings } = configuration;
  const own = new OwnLog({ service: 'warren-store', environment, ...configuration.log });
  const store = await LogStore.start({
    host,
    port: settings.port,
    dataDirectory: dataDirectory(configuration, 'store'),
    memoryBytesMax: settings.memoryMebibytesMax * BYTES_PER_MEBIBYTE,
    log: own.log,
  });
  own.sendThrough(brokerUrl(configuration));
  return {
    addresses: { store: `http://${dialled(host)}:${store.port}` },
    fixed: { WARREN_STORE_PORT: String(store.port) },
    async stop() {
      await store.stop();
      await own.close();
    },
  };
}
