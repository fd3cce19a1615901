/** `warren collector`: a collector alone; any number of them share the queue. */
import { Command } from 'commander';
import { Collector } from '../../collector/collector.js';
import { brokerUrl, elasticsearchUrl, withoutPassword } from '../configuration/urls.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { settingsOf, withSettings } from '../setting-flags.js';

export function collectorCommand(): Command {
  const command = new Command('collector')
    .description('ship records from the broker into Elasticsearch or the embedded store')
    .addHelpText(
      'after',
      '\nExample:\n  warren collector --broker-url amqp://rabbit:5672 --elasticsearch-url http://elastic:9200',
    )
    .action((flags: object) => runUntilStopped(() => startCollector(flags)));
  return withSettings(command, [
    'host',
    'broker.url',
    'broker.port',
    'elasticsearch.url',
    'store.port',
    'collector.prefetch',
    'collector.batchCountMax',
    'collector.batchBytesMax',
    'collector.batchAgeMsMax',
    'environment',
    'log',
  ]);
}

async function startCollector(flags: object): Promise<Running> {
  const configuration = settingsOf(flags);
  const { environment } = configuration;
  const broker = brokerUrl(configuration);
  const elasticsearch = elasticsearchUrl(configuration);
  const own = new OwnLog({ service: 'warren-collector', environment, ...configuration.log });
  const collector = await Collector.start({
    ...configuration.collector,
    brokerUrl: broker,
    elasticsearchUrl: elasticsearch,
    environment,
    log: own.log,
  });
  own.sendThrough(broker);
  own.log.info({ brokerUrl: withoutPassword(broker) }, 'The collector consumes');
  return {
    addresses: { collector: `${withoutPassword(broker)} to ${withoutPassword(elasticsearch)}` },
    async stop() {
      await collector.stop();
      await own.close();
    },
  };
}
