/** What the scrapes of one endpoint cost, as RabbitMQ tells it. */
import { type Exposition, label } from './exposition.js';

interface Summary {
  count: number;
  sum: number;
}

const NAMES = {
  duration: ['telemetry_scrape_duration_seconds', 'How long scrapes took'],
  size: ['telemetry_scrape_size_bytes', 'How large scrapes were, not encoded'],
  encoded: ['telemetry_scrape_encoded_size_bytes', 'How large scrapes were, as they were sent'],
} as const;

type Observed = keyof typeof NAMES;

export class Telemetry {
  private readonly registry: string;
  /** A few: one for each format and encoding. */
  private readonly summaries: Record<Observed, Map<string, Summary>> = {
    duration: new Map(),
    size: new Map(),
    encoded: new Map(),
  };

  /** @param registry what RabbitMQ calls the endpoint: `default`, `per-object`, `detailed` */
  constructor(registry: string) {
    this.registry = registry;
  }

  /** Counts a scrape that has ended. */
  observe(contentType: string, encoding: string, of: Record<Observed, number>): void {
    const labels = `${label('registry', this.registry)},${label('content_type', contentType)}`;
    this.add('duration', labels, of.duration);
    this.add('size', labels, of.size);
    this.add('encoded', `${labels},${label('encoding', encoding)}`, of.encoded);
  }

  private add(what: Observed, labels: string, value: number): void {
    const summary = this.summaries[what].get(labels);
    if (summary === undefined) this.summaries[what].set(labels, { count: 1, sum: value });
    else {
      summary.count++;
      summary.sum += value;
    }
  }

  write(exposition: Exposition): void {
    for (const what of Object.keys(NAMES) as Observed[]) {
      const [name, help] = NAMES[what];
      exposition.begin(name, 'summary', help);
      for (const [labels, { count, sum }] of this.summaries[what]) {
        exposition.sample(labels, count, '_count');
        exposition.sample(labels, sum, '_sum');
      }
    }
  }
}
