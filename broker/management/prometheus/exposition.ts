/**
 * Metrics as text, in the two formats that Prometheus reads: its own (version 0.0.4) and OpenMetrics 1.0.0.
 * Text is taken away as it grows, so that a scrape of any size needs little memory.
 */

export type ExpositionFormat = 'text' | 'openmetrics';
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const TOTAL = '_total';

export class Exposition {
  private readonly format: ExpositionFormat;
  private text = '';
  private name = '';

  constructor(format: ExpositionFormat) {
    this.format = format;
  }

  /** How many characters wait to be taken. */
  get length(): number {
    return this.text.length;
  }

  /**
   * Begins a metric; its samples follow.
   *
   * @param name as it is in Prometheus, with `_total` where it ends so
   */
  begin(name: string, type: MetricType, help: string): void {
    this.name = name;
    const family = this.format === 'text' ? name : withoutTotal(name, type);
    this.text += `# TYPE ${family} ${this.typeOf(name, type)}\n# HELP ${family} ${escapeHelp(help, this.format)}\n`;
  }

  /** OpenMetrics takes only such a counter as ends in `_total`, and says unknown for untyped. */
  private typeOf(name: string, type: MetricType): string {
    if (this.format === 'text') return type;
    if (type === 'untyped' || (type === 'counter' && !name.endsWith(TOTAL))) return 'unknown';
    return type;
  }

  /**
   * Adds a sample of the metric that was begun.
   *
   * @param labels as `label` makes them, parted by commas, or nothing
   * @param suffix `_bucket`, `_sum` or `_count` of a histogram or summary
   */
  sample(labels: string, value: number, suffix = ''): void {
    const series = labels === '' ? `${this.name}${suffix}` : `${this.name}${suffix}{${labels}}`;
    this.text += `${series} ${formatNumber(value)}\n`;
  }

  /** After the last sample. */
  end(): void {
    if (this.format === 'openmetrics') this.text += '# EOF\n';
  }

  /** Takes what has been written so far. */
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

function withoutTotal(name: string, type: MetricType): string {
  return type === 'counter' && name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : name;
}

function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

function escapeHelp(help: string, format: ExpositionFormat): string {
  return help.replace(format === 'text' ? /[\\\n]/g : /[\\\n"]/g, (found) => ESCAPED[found] as string);
}

/** One label of a sample; any text may be its value. */
export function label(name: string, value: string): string {
  return /[\\\n"]/.test(value)
    ? `${name}="${value.replace(/[\\\n"]/g, (found) => ESCAPED[found] as string)}"`
    : `${name}="${value}"`;
}
