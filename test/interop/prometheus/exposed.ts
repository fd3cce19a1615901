// Metrics as a scraper gets them, and what is compared of them: names, types and labels.

/** One metric of a scrape. */
interface ExposedMetric {
  readonly type: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  /** With `_bucket`, `_sum` or `_count` where it is of a histogram or summary. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Exposed = ReadonlyMap<string, ExposedMetric>;

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format 0.0.4, each of whose lines must be as it is defined. */
export function parseExposed(text: string): Exposed {
  const metrics = new Map<string, { type: string; samples: Sample[] }>();
  let current: { type: string; samples: Sample[] } | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    if (line.startsWith('# TYPE ')) {
      const [, , name = '', type = ''] = line.split(' ');
      if (metrics.has(name)) throw new Error(`${name} comes twice`);
      current = { type, samples: [] };
      metrics.set(name, current);
    } else {
      const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      if (name === '' || current === undefined) throw new Error(`no sample: ${line}`);
      current.samples.push({ name, labels: parseLabels(labels), value: numberOf(value) });
    }
  }
  return metrics;
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(LABEL), ([, name, value]) => [name, value]));
}

function numberOf(text: string): number {
  return text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

/** `name type label,label`, for each metric: what a dashboard or an alert rule depends on. */
export function shapesOf(exposed: Exposed): Map<string, string> {
  const shapes = new Map<string, string>();
  for (const [name, { type, samples }] of exposed) {
    // A metric whose samples differ in labels is said by all that occur.
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
    shapes.set(name, `${name} ${type} ${[...labels].sort().join(',')}`.trimEnd());
  }
  return shapes;
}

/** The value of the one sample of a metric that has these labels among its own. */
export function sampleOf(
  exposed: Exposed,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  return exposed
    .get(name)
    ?.samples.find((sample) => wanted.every(([label, value]) => sample.labels[label] === value))?.value;
}

/** Scrapes as a client does that says nothing of what it takes. */
export async function scrapeText(url: string): Promise<string> {
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
