import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runModule } from '../../test/support/module-program.js';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker, type TestBroker } from '../../test/support/test-broker.js';

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

const LINES = 500;
const KILL = `process.kill(process.pid, 'SIGTERM'); setInterval(() => undefined, 1000);`;
const lines = Array.from({ length: LINES }, (_, n) => `line ${n}`);

function path(file: string): string {
  return JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));
}

/** What logs with each of the agents that run in a worker. */
function program(agent: 'pino' | 'fastify' | 'winston' | 'console'): string {
  const options = JSON.stringify({ url: broker.url, service: 'order', exchange: records.exchange });
  const write = `for (let n = 0; n < ${LINES}; n += 1)`;
  switch (agent) {
    case 'pino':
      return `import pino from 'pino'; import { endOnSignals } from ${path('./signals.js')}; endOnSignals();
        const logger = pino({ transport: { target: ${path('../pino/transport.js')}, options: ${options} } });
        ${write} logger.info('line ' + n);`;
    case 'fastify':
      return `import fastify from 'fastify'; import warren from ${path('../fastify/plugin.js')};
        const app = fastify(); await app.register(warren, ${options});
        ${write} app.log.info('line ' + n);`;
    case 'winston':
      return `import winston from 'winston'; import { WarrenTransport } from ${path('../winston/transport.js')};
        const logger = winston.createLogger({ transports: [new WarrenTransport(${options})] });
        ${write} logger.info('line ' + n);`;
    case 'console':
      return `import { captureConsole } from ${path('../console/capture.js')}; captureConsole(${options});
        ${write} console.log('line ' + n);`;
  }
}

describe('a process that SIGTERM ends', () => {
  it.each(['pino', 'fastify', 'winston', 'console'] as const)(
    'gets its last lines through with %s',
    async (agent) => {
      const end = await runModule(program(agent) + KILL);
      expect(end.code).toBe(128 + 15);
      await records.count(LINES);
      expect(records.messages).toEqual(lines);
    },
  );

  it.each(['on', 'once'])('ends as its own handler wants it, listening %s', async (listen) => {
    const own = `process.${listen}('SIGTERM', () => setImmediate(() => { logger.info('own end'); process.exit(7); }));`;
    const end = await runModule(program('winston') + own + KILL);
    expect(end.code).toBe(7);
    await records.count(LINES + 1);
    expect(records.messages.at(-1)).toBe('own end');
  });
});

describe('a process with fastify that ends otherwise', () => {
  it.each([
    ['by process.exit', 'process.exit(0);', 0],
    ['by an uncaught exception', `throw new Error('boom');`, 1],
  ])('gets its last lines through: %s', async (_, ending, code) => {
    const end = await runModule(program('fastify') + ending);
    expect(end.code).toBe(code);
    await records.count(LINES);
    expect(records.messages).toEqual(lines);
  });
});
