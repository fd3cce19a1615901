/** `warren demo`: everything, and three small real services under a gentle load. */
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Running, runUntilStopped } from '../long-running.js';
import { settingsOf, withSettings } from '../setting-flags.js';
import type { Pipeline } from '../supervisor/pipeline.js';
import { startPipeline } from './up.js';

export function demoCommand(): Command {
  const command = new Command('demo')
    .description('run everything with three small services that log, some of it poison')
    .addHelpText('after', '\nExample:\n  warren demo --data-dir /tmp/warren-demo')
    .action((flags: object) => runUntilStopped(() => startDemo(flags)));
  return withSettings(command);
}

async function startDemo(flags: object): Promise<Running> {
  const { running } = await startPipeline(settingsOf(flags), addServices);
  return running;
}

async function addServices(pipeline: Pipeline): Promise<void> {
  const { broker, environment } = pipeline.configuration;
  const common = { WARREN_BROKER_URL: broker.url as string, WARREN_ENVIRONMENT: environment };
  const [payment, search] = await Promise.all([
    pipeline.add('payment', entry('payment-service'), common),
    pipeline.add('search', entry('search-service'), common),
  ]);
  const order = await pipeline.add('order', entry('order-service'), {
    ...common,
    PAYMENT_URL: payment.addresses['payment'] as string,
  });
  await pipeline.add('load', entry('load'), {
    ORDER_URL: order.addresses['order'] as string,
    SEARCH_URL: search.addresses['search'] as string,
  });
  Object.assign(pipeline.addresses, order.addresses, payment.addresses, search.addresses);
}

function entry(name: string): string {
  return fileURLToPath(new URL(`../demo/${name}.js`, import.meta.url));
}
