/**
 * An exporter of logs for OpenTelemetry's SDK, `warren/opentelemetry`.
 *
 * Takes what the SDK's processor hands over at once, since the publisher's memory and spool hold more than the
 * processor's queue does; `forceFlush` and `shutdown` wait for the broker.
 */
import type { LogRecordExporter, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { newEventId } from '../event-id.js';
import { Publisher, type PublisherOptions, type PublisherStatus } from '../publisher.js';
import { recordFromOpenTelemetry } from './opentelemetry-record.js';

type ResultCallback = Parameters<LogRecordExporter['export']>[1];

/** `ExportResultCode` of @opentelemetry/core. */
const SUCCESS = 0;
const FAILED = 1;

/** An exporter for `BatchLogRecordProcessor` or `SimpleLogRecordProcessor`. */
export class WarrenLogRecordExporter implements LogRecordExporter {
  readonly #publisher: Publisher;
  readonly #service: string | undefined;
  #isShutDown = false;

  /**
   * @param options the publisher's; `service` is for records whose resource has no `service.name`
   * @throws AgentOptionError for an option that cannot be used
   */
  constructor(options: PublisherOptions = {}) {
    this.#service = options.service;
    this.#publisher = Publisher.start(options);
  }

  /** What became of the records so far. */
  get status(): PublisherStatus {
    return this.#publisher.status;
  }

  /** Called by the SDK. */
  export(logs: ReadableLogRecord[], resultCallback: ResultCallback): void {
    if (this.#isShutDown) {
      resultCallback({ code: FAILED, error: new Error('The exporter has been shut down.') });
      return;
    }
    for (const log of logs)
      this.#publisher.publish(recordFromOpenTelemetry(log, this.#service, newEventId()));
    resultCallback({ code: SUCCESS });
  }

  /** @throws Error when the broker has not confirmed everything in five seconds */
  async forceFlush(): Promise<void> {
    if (await this.#publisher.flush()) return;
    const { buffered, broker, lastError = 'no confirm in time' } = this.#publisher.status;
    throw new Error(`${buffered} log records have not been sent to ${broker} (${lastError}).`);
  }

  /** @throws Error when records could not be sent */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    const unsent = await this.#publisher.close();
    if (unsent === 0) return;
    const { broker, lastError = 'no confirm in time' } = this.#publisher.status;
    throw new Error(`${unsent} log records could not be sent to ${broker} (${lastError}).`);
  }
}
