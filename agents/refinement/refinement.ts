/**
 * What a publisher does with a record before it is encoded: leaves it out, enriches it, takes secrets
 * out of it. All of it only where it is asked for.
 */
import type { LogRecord } from '../record.js';
import { type EnrichmentOptions, enrich, enrichmentFields } from './enrichment.js';
import { Redaction, type RedactionOptions } from './redaction.js';
import { type LeftOutReason, Sampling, type SamplingOptions } from './sampling.js';

/** What may be asked for. */
export interface RefinementOptions {
  /** Secrets to take out, by path and by look. Default none. */
  redaction?: RedactionOptions;
  /** Records to leave out, by level and by message template. Default none. */
  sampling?: SamplingOptions;
  /** Whether records say in which container, pod and node they were made, and fields of one's own. Default no. */
  enrichment?: boolean | EnrichmentOptions;
}

/** The refinement of one publisher. */
export class Refinement {
  readonly #sampling: Sampling | undefined;
  readonly #redaction: Redaction | undefined;
  readonly #fields: Record<string, unknown> | undefined;

  /**
   * The refinement that the options ask for, or `undefined` when they ask for none.
   *
   * @throws AgentOptionError for an option that cannot be used
   */
  static of(options: RefinementOptions): Refinement | undefined {
    const { redaction, sampling, enrichment } = options;
    return redaction || sampling || enrichment ? new Refinement(options) : undefined;
  }

  private constructor({ redaction, sampling, enrichment }: RefinementOptions) {
    this.#sampling = sampling && new Sampling(sampling);
    this.#redaction = redaction && new Redaction(redaction);
    const asked = enrichment === true ? {} : enrichment;
    this.#fields = asked ? enrichmentFields(asked, process.env) : undefined;
  }

  /** Why the record is left out on purpose, or `undefined` when it is not. */
  leavesOut(record: LogRecord): LeftOutReason | undefined {
    return this.#sampling?.leavesOut(record, Date.now());
  }

  /** The record as it is sent; the one that was given is not changed. */
  apply(record: LogRecord): LogRecord {
    const enriched = this.#fields === undefined ? record : enrich(record, this.#fields);
    return this.#redaction === undefined ? enriched : this.#redaction.apply(enriched);
  }
}
