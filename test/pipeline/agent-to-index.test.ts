import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoredLogs } from '../stored-logs.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';

const APPLICATION = fileURLToPath(new URL('./fixtures/logging-application.js', import.meta.url));

let directory: TemporaryDirectory;
let warren: WarrenProcess;
let logs: StoredLogs;

beforeAll(async () => {
  directory = new TemporaryDirectory();
  warren = await WarrenProcess.start(['up'], { WARREN_DATA_DIR: directory.path });
  logs = new StoredLogs(warren.address('store'));
});

afterAll(async () => {
  await logs?.[Symbol.asyncDispose]();
  await warren?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

describe('a log written by a pino logger in another process', () => {
  it('is found through the official client within 3 s, once, with every field it had', async () => {
    const { pid } = await runApplication('first');
    const found = await logs.waitFor('mark:first', 3, 3_000);
    expect(found).toHaveLength(3);
    const placed = found.find(({ _source }) => _source['message'] === 'Order placed');
    expect(placed?._source).toMatchObject({
      message: 'Order placed',
      log: { level: 'info' },
      service: { name: 'shop.api', version: '1.2.3', environment: 'staging' },
      host: { hostname: hostname() },
      process: { pid },
      event: { id: placed?._id },
      mark: 'first',
      cart: { id: 42, items: ['lamp', 'rug'] },
      total: 12.5,
      paid: true,
    });
    expect(Math.abs(Date.now() - Date.parse(placed?._source['@timestamp'] as string))).toBeLessThan(60_000);
  });

  it('keeps an error with its type, message, stack and cause', async () => {
    await runApplication('second');
    const [failed] = await logs.waitFor('mark:second AND log.level:error');
    const error = failed?._source['error'] as Record<string, string>;
    expect(error).toMatchObject({
      type: 'Error',
      message: expect.stringContaining('payment failed') as string,
    });
    expect(error['stack_trace']).toMatch(/payment failed[\s\S]*at [\s\S]*no connection/);
  });

  it('is found by its service and level as well', async () => {
    await runApplication('third');
    const found = await logs.waitFor('service.name:"shop.api" AND log.level:fatal AND mark:third');
    expect(found).toHaveLength(1);
  });
});

describe("Warren's own components", () => {
  it('log through the pipeline too, so that nobody starts from an empty page', async () => {
    const [ready] = await logs.waitFor('service.name:warren AND "Warren is ready"');
    expect(ready?._source).toMatchObject({ log: { level: 'info' } });
  });
});

async function runApplication(mark: string): Promise<{ pid: number | undefined }> {
  const running = promisify(execFile)(process.execPath, [APPLICATION, mark], {
    env: { ...process.env, WARREN_BROKER_URL: warren.brokerUrl },
  });
  const { pid } = running.child;
  const { stderr } = await running;
  expect(stderr).toBe('');
  return { pid };
}
