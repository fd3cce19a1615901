import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsoleUnderTest,
  logRecord,
  startConsoleUnderTest,
} from '../../../test/browser/console-under-test.js';
import type { TailRecord } from '../model/api.js';

/** A tail as a browser reads it. */
class TailReader {
  readonly records: TailRecord[] = [];
  readonly events: string[] = [];
  readonly #stream: IncomingMessage;
  #text = '';
  #changed: () => void = () => undefined;

  private constructor(stream: IncomingMessage) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => this.#read(part));
  }

  static async open(url: string, key: string): Promise<TailReader> {
    const sent = get(`${url}/api/tail?key=${encodeURIComponent(key)}`);
    const [stream] = (await once(sent, 'response')) as [IncomingMessage];
    const reader = new TailReader(stream);
    await reader.until(() => reader.events.includes('ready'));
    return reader;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): void {
    this.#stream.destroy();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  #read(part: string): void {
    this.#text += part;
    const whole = this.#text.split('\n\n');
    this.#text = whole.pop() ?? '';
    for (const block of whole) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const content = /^data: (.*)$/m.exec(block)?.[1];
      if (event !== undefined) this.events.push(event);
      if (event === 'records' && content !== undefined) {
        this.records.push(...(JSON.parse(content) as TailRecord[]));
      }
    }
    this.#changed();
  }
}

describe('the live tail', () => {
  let under: ConsoleUnderTest;

  beforeAll(async () => {
    under = await startConsoleUnderTest();
  });

  afterAll(() => under.stop());

  it('shows records as they are published, those of its binding key alone', async () => {
    const tail = await TailReader.open(under.url, 'app.*.error');
    await under.publish([
      logRecord('t-1', { level: 'info' }),
      logRecord('t-2', { level: 'error', service: 'payment', message: 'declined' }),
    ]);
    await tail.until(() => tail.records.length > 0);
    expect(tail.records).toMatchObject([
      { routingKey: 'app.payment.error', level: 'error', service: 'payment', message: 'declined' },
    ]);
    tail.close();
  });

  it('never holds the pipeline though its viewer does not read, and says that records were left out', async () => {
    const slow = await TailReader.open(under.url, 'app.flood.#');
    slow.pause();
    const padding = 'x'.repeat(8000);
    const published = 6000;
    for (let batch = 0; batch < published / 500; batch++) {
      const records = Array.from({ length: 500 }, (_, number) =>
        logRecord(`flood-${batch}-${number}`, {
          service: 'flood',
          message: `${batch * 500 + number}`,
          more: { padding },
        }),
      );
      await under.publish(records);
    }
    slow.resume();
    await slow.until(() => slow.records.at(-1)?.message === String(published - 1));
    expect(slow.records.length).toBeLessThan(published);
    expect(slow.events).toContain('behind');
    slow.close();
  });

  it('refuses a viewer too many', async () => {
    const viewers = await Promise.all(
      Array.from({ length: 20 }, () => TailReader.open(under.url, 'app.none.#')),
    );
    const reply = await fetch(`${under.url}/api/tail`);
    expect(reply.status).toBe(503);
    expect(await reply.text()).toContain('close one');
    for (const viewer of viewers) viewer.close();
  });
});
