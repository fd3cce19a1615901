import { SeverityNumber } from '@opentelemetry/api-logs';
import { BatchLogRecordProcessor, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../test/support/free-port.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { WarrenLogRecordExporter } from './exporter.js';

let broker: TestBroker;
let records: ReceivedRecords;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  records = await ReceivedRecords.start(broker.url);
});
afterEach(() => records.stop());

function exporter(): WarrenLogRecordExporter {
  return new WarrenLogRecordExporter({ url: broker.url, service: 'order', exchange: records.exchange });
}

describe('the exporter', () => {
  it('makes records of what the SDK’s loggers emit', async () => {
    const provider = new LoggerProvider({
      processors: [new SimpleLogRecordProcessor({ exporter: exporter() })],
    });
    provider.getLogger('checkout').emit({
      timestamp: [1_769_854_830, 123_456_789],
      severityNumber: SeverityNumber.ERROR2,
      severityText: 'ERROR2',
      body: 'cannot place',
      eventName: 'order.failed',
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'no stock',
        'exception.stacktrace': 'TypeError: no stock\n    at place',
        'http.request.method': 'POST',
        'order.id': 17,
        level: 'an own field',
        message: 'another',
      },
    });
    await records.count(1);
    expect(records.received[0]?.routingKey).toMatch(/^app\..+\.error$/);
    expect(records.received[0]?.record).toMatchObject({
      '@timestamp': '2026-01-31T10:20:30.123456789Z',
      message: 'cannot place',
      log: { level: 'error', logger: 'checkout' },
      event: { action: 'order.failed' },
      error: { type: 'TypeError', message: 'no stock', stack_trace: 'TypeError: no stock\n    at place' },
      http: { request: { method: 'POST' } },
      order: { id: 17 },
      labels: { severity_text: 'ERROR2', level: 'an own field', message: 'another' },
    });
    await provider.shutdown();
  });

  it('has sent all of a batch when the provider has been shut down, in order', async () => {
    const provider = new LoggerProvider({
      processors: [new BatchLogRecordProcessor({ exporter: exporter() })],
    });
    const logger = provider.getLogger('checkout');
    for (let n = 0; n < 1_000; n += 1) {
      logger.emit({ severityNumber: SeverityNumber.INFO, body: n % 2 === 0 ? `line ${n}` : { n } });
    }
    await provider.shutdown();
    await records.count(1_000);
    expect(records.messages).toEqual(
      Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? `line ${n}` : `{"n":${n}}`)),
    );
  });

  it('says which broker it could not reach when it is flushed or shut down, and takes nothing after', async () => {
    const port = await freePort();
    const away = new WarrenLogRecordExporter({ url: `amqp://guest:secret@127.0.0.1:${port}` });
    const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: away })] });
    provider.getLogger('x').emit({ body: 'lost' });
    await new Promise(setImmediate);
    expect(away.status.buffered).toBe(1);
    await expect(away.shutdown()).rejects.toThrow(
      `1 log records could not be sent to amqp://guest@127.0.0.1:${port}`,
    );
    const result = await new Promise<{ code: number }>((resolve) => away.export([], resolve));
    expect(result.code).toBe(1);
  });
});
