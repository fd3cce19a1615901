import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import type { WarrenPinoOptions } from '../pino/options.js';
import { type Level, type LogRecord, newEventId, Publisher, type RecordOutcome } from '../publisher.js';

let broker: TestBroker;
let records: ReceivedRecords;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  records = await ReceivedRecords.start(broker.url);
});
afterEach(async () => {
  delete process.env['POD_NAME'];
  await records.stop();
});

function record(message: string, level: Level, fields: Partial<LogRecord> = {}): LogRecord {
  return {
    '@timestamp': '2026-01-31T10:20:30.456Z',
    message,
    log: { level },
    service: { name: 'order' },
    event: { id: newEventId() },
    ...fields,
  };
}

describe('a publisher', () => {
  it('counts what sampling leaves out, tells it to the caller, and says it in a record', async () => {
    const publisher = Publisher.start({
      url: broker.url,
      service: 'order',
      exchange: records.exchange,
      sampling: { levels: { debug: { share: 0 } }, templates: { perSecond: 0 } },
    });
    const outcomes: RecordOutcome[] = [];
    for (let n = 0; n < 10; n += 1) {
      publisher.publish(record(`line ${n}`, n < 7 ? 'debug' : 'info'), (outcome) => outcomes.push(outcome));
    }
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => 'left-out'));
    expect(publisher.status).toMatchObject({ leftOut: { sampled: 7, limited: 3 }, dropped: { closed: 0 } });
    expect(await publisher.close()).toBe(0);
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      message: 'Log records were left out by sampling',
      log: { level: 'info' },
      service: { name: 'order' },
      event: { action: 'warren.agent.left_out' },
      warren: { agent: { left_out: { total: 10, sampled: 7, limited: 3 } } },
    });
  });

  it('does not count the report of what was left out as lost when it cannot be sent', async () => {
    const publisher = Publisher.start({
      url: 'amqp://127.0.0.1:1',
      sampling: { levels: { info: { share: 0 } } },
    });
    publisher.publish(record('x', 'info'));
    expect(await publisher.close(0)).toBe(0);
    expect(publisher.status.dropped).toEqual({ overflow: 0, unencodable: 0, closed: 0 });
  });

  it('enriches records, then redacts them, in memory and in what it gives up', async () => {
    process.env['POD_NAME'] = 'order-4111111111111111';
    const publisher = Publisher.start({
      url: broker.url,
      exchange: records.exchange,
      enrichment: true,
      redaction: { paths: ['**.password'], patterns: ['card'] },
    });
    const sent = record('card 4111 1111 1111 1111', 'info', { user: { password: 'x' } });
    publisher.publish(sent);
    await publisher.close();
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      message: 'card [Redacted]',
      user: { password: '[Redacted]' },
      kubernetes: { pod: { name: 'order-[Redacted]' } },
    });
    expect(sent.message).toContain('4111');
  });

  it('does not start with a bad option', () => {
    expect(() => Publisher.start({ redaction: { paths: ['event.id'] } })).toThrow('would take event.id');
    expect(() => Publisher.start({ sampling: {} })).toThrow('must have levels or templates');
  });
});

describe('the pino transport', () => {
  it('takes the same options', async () => {
    process.env['POD_NAME'] = 'order-1';
    const options: WarrenPinoOptions = {
      url: broker.url,
      service: 'order',
      exchange: records.exchange,
      enrichment: true,
      sampling: { levels: { info: { share: 0 } } },
      redaction: { paths: ['password'], patterns: ['email', /secret-\d+/] },
      // The end of this process would wait for a broker that lives in it.
      closeTimeoutMs: 0,
      fallback: 'none',
    };
    const target = fileURLToPath(new URL('../pino/transport.js', import.meta.url));
    const logger = pino({}, pino.transport({ target, options }));
    logger.info('left out');
    logger.warn({ password: 'x' }, 'mail to a@b.example about secret-17');
    await records.count(1);
    expect(records.received[0]?.record).toMatchObject({
      message: 'mail to [Redacted] about [Redacted]',
      password: '[Redacted]',
      kubernetes: { pod: { name: 'order-1' } },
    });
  });
});
