import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AmqpProxy } from '../../test/support/amqp-proxy.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';
import { StdinAgent } from './stdin-agent.js';

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

describe('the stdin agent', () => {
  it('publishes every line until the input ends, the last one too when it has no end', async () => {
    const input = new PassThrough();
    const publisher = { exchange: records.exchange };
    const agent = await StdinAgent.start({ input, service: 'job', brokerUrl: broker.url, publisher });
    input.end('INFO one\nERROR two\n  more\nlast');
    await agent.ended;
    expect(await agent.stop()).toBe(0);
    await records.count(3);
    expect(records.messages).toEqual(['INFO one', 'ERROR two\n  more', 'last']);
    expect(records.received.map(({ routingKey }) => routingKey)).toEqual([
      'app.job.info',
      'app.job.error',
      'app.job.info',
    ]);
  });

  it('makes the writer wait while the broker is away, and drops nothing', async () => {
    const between = await AmqpProxy.start(broker.port);
    between.refuse(true);
    const input = new PassThrough();
    const agent = await StdinAgent.start({
      input,
      service: 'job',
      brokerUrl: between.url,
      publisher: { exchange: records.exchange, bufferRecordsMax: 5_000, reconnectMaxMs: 100 },
    });
    let written = 0;
    while (input.write(`line ${written}\n`)) {
      written += 1;
      if (written % 100 === 0) await new Promise(setImmediate);
      if (written > 100_000) break;
    }
    expect(written).toBeLessThan(100_000);
    between.refuse(false);
    input.end();
    await agent.ended;
    await records.count(written + 1);
    expect(await agent.stop()).toBe(0);
    await between.stop();
  });
});
