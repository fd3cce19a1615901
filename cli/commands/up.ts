/** `warren up`: everything on one machine. */
import { Command } from 'commander';
import type { Configuration } from '../configuration/schema.js';
import { dataDirectory } from '../data-directory.js';
import { type Running, runUntilStopped } from '../long-running.js';
import { OwnLog } from '../own-log.js';
import { settingsOf, withSettings } from '../setting-flags.js';
import { Pipeline } from '../supervisor/pipeline.js';

export function upCommand(): Command {
  const command = new Command('up')
    .description('run broker, collector, store and console, all of it supervised')
    .addHelpText(
      'after',
      '\nExample:\n  warren up --data-dir /var/lib/warren --elasticsearch-url http://elastic:9200',
    )
    .action((flags: object) => runUntilStopped(async () => (await startPipeline(settingsOf(flags))).running));
  return withSettings(command);
}

/**
 * Starts the pipeline with a log of its own, and stops whatever was started already if a part fails.
 * `extend` may add processes before it counts as ready.
 */
export async function startPipeline(
  configuration: Configuration,
  extend: (pipeline: Pipeline) => Promise<void> = async () => undefined,
): Promise<{ pipeline: Pipeline; running: Running }> {
  dataDirectory(configuration, 'broker');
  const { environment } = configuration;
  const own = new OwnLog({ service: 'warren', environment, ...configuration.log });
  const pipeline = new Pipeline(configuration, own.log);
  process.once('exit', () => pipeline.kill());
  await pipeline.start();
  own.sendThrough(pipeline.configuration.broker.url as string);
  await extend(pipeline);
  own.log.info({ addresses: pipeline.addresses }, 'Warren is ready');
  const running: Running = {
    addresses: pipeline.addresses,
    notices: pipeline.notices,
    drainMsMax: pipeline.drainMsMax,
    reload: () => pipeline.reload(),
    async stop() {
      await own.close();
      await pipeline.stop();
    },
  };
  return { pipeline, running };
}
