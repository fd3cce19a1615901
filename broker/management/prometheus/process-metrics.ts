/** The metrics of the process, as prom-client names them: CPU, memory, garbage collection, the event loop. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Exposition, label, type MetricType } from './exposition.js';

/** One for the process, however many brokers there are in it: what it watches with cannot be let go of. */
let registry: Registry | undefined;

/** Counted here without holding the process up, which prom-client's does where many are open. */
const OWN = 'process_open_fds';
/** Each names everything that is open, which at ten thousand connections takes too long. */
const COSTLY = ['resources', 'handles', 'requests'].flatMap((of) => [
  `nodejs_active_${of}`,
  `nodejs_active_${of}_total`,
]);

function processRegistry(): Registry {
  if (registry !== undefined) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of [OWN, ...COSTLY]) registry.removeSingleMetric(name);
  return registry;
}

/** Begins to watch: what is exposed is counted from here on. */
export function watchProcess(): void {
  processRegistry();
}

/** Writes the metrics of this process. */
export async function writeProcess(exposition: Exposition, openFiles: number | undefined): Promise<void> {
  if (openFiles !== undefined) {
    exposition.begin(OWN, 'gauge', 'Open file descriptors of the process');
    exposition.sample('', openFiles);
  }
  for (const { name, help, type, values } of await processRegistry().getMetricsAsJSON()) {
    exposition.begin(name, type as unknown as MetricType, help);
    for (const { value, labels, metricName } of values as Value[]) {
      const text = Object.entries(labels).map(([key, of]) => label(key, String(of)));
      exposition.sample(text.join(','), value, metricName?.slice(name.length) ?? '');
    }
  }
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** With the suffix of a histogram's or summary's. */
  readonly metricName?: string;
}
