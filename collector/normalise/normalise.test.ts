import type { MessageProperties } from 'amqplib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_ID_HEADER } from '../deadletter/headers.js';
import type { JsonObject, LogDocument } from './document.js';
import { normalise } from './normalise.js';

const RECEIVED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Sent {
  body: string | Buffer | object;
  routingKey?: string;
  properties?: Partial<MessageProperties>;
}

function take({ body, routingKey = 'app.order.error', properties = {} }: Sent): LogDocument {
  const content = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const made = normalise(
    { content, routingKey, properties: properties as MessageProperties },
    RECEIVED_AT_MS,
  );
  if ('malformed' in made) throw new Error(made.malformed);
  return made;
}

function record(sent: Sent): JsonObject {
  return JSON.parse(take(sent).source.toString()) as JsonObject;
}

const complete = {
  '@timestamp': '2026-01-02T03:04:05.678Z',
  message: 'paid',
  log: { level: 'info', logger: 'till' },
  service: { name: 'Order API', environment: 'Production' },
  event: { id: '018f0000-0000-7000-8000-000000000001' },
  amount: 12.5,
};

describe('a complete record', () => {
  test('goes through byte for byte, with the bytes it came in', () => {
    const content = Buffer.from(JSON.stringify(complete).replace('12.5', '12.50'));
    const made = normalise(
      { content, routingKey: 'app.order-api.info', properties: {} as MessageProperties },
      RECEIVED_AT_MS,
    );
    expect(made).toEqual({
      id: complete.event.id,
      service: 'order-api',
      environment: 'production',
      timestamp: complete['@timestamp'],
      source: content,
    });
    expect((made as LogDocument).source).toBe(content);
  });

  test('that was written on several lines is brought onto one', () => {
    const made = take({ body: JSON.stringify(complete, null, 2) });
    expect(made.source.toString()).not.toContain('\n');
    expect(JSON.parse(made.source.toString())).toEqual(complete);
  });

  test('that begins with a byte order mark loses it', () => {
    expect(record({ body: `\uFEFF${JSON.stringify(complete)}` })).toEqual(complete);
  });
});

describe('a record that lacks something', () => {
  test('takes its id from message-id, else from the header that a dead letter keeps it in, else a new one', () => {
    const body = { message: 'x' };
    expect(take({ body, properties: { messageId: 'm-1' } }).id).toBe('m-1');
    expect(take({ body, properties: { headers: { [EVENT_ID_HEADER]: 'e-1' } } }).id).toBe('e-1');
    expect(take({ body }).id).toMatch(UUID_V7);
  });

  test('takes level and service from the routing key, the time from the timestamp property', () => {
    expect(record({ body: { message: 'x' }, properties: { timestamp: 1_767_322_800 } })).toMatchObject({
      '@timestamp': '2026-01-02T03:00:00.000Z',
      message: 'x',
      log: { level: 'error' },
      service: { name: 'order' },
    });
  });

  test('takes the service from app-id before the routing key', () => {
    expect(take({ body: 'x', properties: { appId: 'Till' } }).service).toBe('till');
  });

  test('gets the time of its arrival when nothing tells when it was made', () => {
    expect(take({ body: { message: 'x' } }).timestamp).toBe('2026-01-02T03:04:05.678Z');
  });

  test('keeps a time that is none as a label, and is marked', () => {
    expect(record({ body: { ...complete, '@timestamp': 'yesterday' } })).toMatchObject({
      '@timestamp': '2026-01-02T03:04:05.678Z',
      labels: { timestamp: 'yesterday' },
      tags: ['invalid_timestamp'],
    });
  });
});

describe("other loggers' JSON", () => {
  test("pino's own lines become records", () => {
    const body = {
      level: 50,
      time: 1_767_322_800_123,
      pid: 7,
      hostname: 'web-1',
      msg: 'failed',
      err: { type: 'TypeError', message: 'no', stack: 'TypeError: no\n  at x', code: 'E' },
    };
    expect(record({ body, routingKey: 'app.order.info' })).toMatchObject({
      '@timestamp': '2026-01-02T03:00:00.123Z',
      message: 'failed',
      log: { level: 'error' },
      process: { pid: 7 },
      host: { hostname: 'web-1' },
      error: { type: 'TypeError', message: 'no', stack_trace: 'TypeError: no\n  at x' },
      err: { code: 'E' },
    });
  });

  test("logstash-logback-encoder's fields become ECS's", () => {
    const body = {
      '@timestamp': '2026-01-02T03:04:05.678+01:00',
      '@version': '1',
      message: 'm',
      logger_name: 'com.shop.Till',
      thread_name: 'main',
      level: 'WARN',
      stack_trace: 'at x',
    };
    expect(record({ body })).toMatchObject({
      '@timestamp': '2026-01-02T03:04:05.678+01:00',
      log: { level: 'warn', logger: 'com.shop.Till' },
      error: { stack_trace: 'at x' },
    });
  });

  test('a bare value where ECS has an object finds its place', () => {
    const body = { message: 'm', service: 'till', host: 'web-1', error: 'boom', event: 'start', labels: 'x' };
    expect(record({ body })).toMatchObject({
      service: { name: 'till' },
      host: { hostname: 'web-1' },
      error: { message: 'boom' },
      event: { action: 'start' },
      labels: { value: 'x' },
    });
  });

  test('a message that is an object becomes its text, and a body without one has itself as message', () => {
    expect(record({ body: { message: { a: 1 } } })['message']).toBe('{"a":1}');
    expect(record({ body: { a: 1 } })['message']).toBe('{"a":1}');
  });
});

describe('dotted keys', () => {
  test('become nested', () => {
    const body = { 'service.name': 'till', 'log.level': 'warn', message: 'm', 'a.b': { 'c.d': 1 } };
    expect(record({ body })).toMatchObject({
      service: { name: 'till' },
      log: { level: 'warn' },
      a: { b: { c: { d: 1 } } },
    });
  });

  test('that clash with another field go to labels with underscores', () => {
    expect(record({ body: { ...complete, a: 1, 'a.b': 2, 'log.level': 'warn' } })).toMatchObject({
      a: 1,
      log: { level: 'info' },
      labels: { a_b: 2, log_level: 'warn' },
    });
  });

  test('among labels get underscores', () => {
    const body = { ...complete, labels: { app: 'x', 'app.kubernetes.io/name': 'y' } };
    expect(record({ body })['labels']).toEqual({ app: 'x', 'app_kubernetes_io/name': 'y' });
  });

  test('never reach a prototype', () => {
    const body = '{"message":"m","__proto__.polluted":1,"a":{"__proto__":{"polluted":1}},"constructor.x":1}';
    record({ body });
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('text', () => {
  test('of a publisher that sets nothing becomes a record', () => {
    expect(record({ body: 'disk full\n', routingKey: 'app.order.error' })).toMatchObject({
      '@timestamp': '2026-01-02T03:04:05.678Z',
      message: 'disk full',
      log: { level: 'error' },
      service: { name: 'order' },
    });
  });

  test("of Spring AMQP's appender takes its headers along", () => {
    const properties = {
      contentType: 'text/plain',
      contentEncoding: 'UTF-8',
      appId: 'till',
      headers: { categoryName: 'com.shop.Till', level: 'WARN', thread: 'main', customer: '42', 'x-y': 1 },
    };
    expect(record({ body: 'late', routingKey: 'app.com.shop.Till.WARN', properties })).toMatchObject({
      message: 'late',
      log: { level: 'warn', logger: 'com.shop.Till' },
      process: { thread: { name: 'main' } },
      service: { name: 'till' },
      labels: { customer: '42' },
    });
  });

  test('under a key of another form still finds a service and a level', () => {
    expect(record({ body: 'x', routingKey: 'app.com.shop.Till.WARN' })).toMatchObject({
      log: { level: 'warn' },
      service: { name: 'com-shop-Till' },
    });
    expect(record({ body: 'x', routingKey: '' })).toMatchObject({
      log: { level: 'info' },
      service: { name: 'unknown' },
    });
  });

  test('with bytes that are no UTF-8 gets marks in their place, and a tag', () => {
    expect(record({ body: Buffer.from([0x61, 0xff, 0x62]) })).toMatchObject({
      message: 'a\uFFFDb',
      tags: ['invalid_utf8'],
    });
    const json = Buffer.concat([Buffer.from('{"message":"a'), Buffer.from([0xc3]), Buffer.from('"}')]);
    expect(record({ body: json })).toMatchObject({ message: 'a\uFFFD', tags: ['invalid_utf8'] });
  });

  test('in a character set that the message names is read in that one', () => {
    const properties = { contentEncoding: 'ISO-8859-1' };
    expect(record({ body: Buffer.from([0x67, 0xfc, 0x6e]), properties })['message']).toBe('g\u00fcn');
  });

  test('that looks like JSON and is none stays text', () => {
    expect(record({ body: '{oops' })['message']).toBe('{oops');
  });
});

describe('a body that cannot be taken', () => {
  const cases: [string, Buffer, Partial<MessageProperties>, RegExp][] = [
    ['is empty', Buffer.alloc(0), {}, /the body is empty/],
    ['is not the JSON it says', Buffer.from('{"a":'), { contentType: 'application/json' }, /not the JSON/],
    [
      'is nested without end',
      Buffer.from(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      { contentType: 'application/json' },
      /cannot be brought into the shape of a record/,
    ],
    ['is compressed', Buffer.from([0x1f, 0x8b]), { contentEncoding: 'gzip' }, /"gzip" is not supported/],
  ];
  test.each(cases)('because it %s is malformed, with the reason', (_, content, properties, reason) => {
    const made = normalise(
      { content, routingKey: 'app.a.info', properties: properties as MessageProperties },
      RECEIVED_AT_MS,
    );
    expect(made).toEqual({ malformed: expect.stringMatching(reason) });
  });
});

test('whatever JSON object arrives, the document has a time, a level, a service, an id and one line', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            'message',
            'log',
            'log.level',
            'service',
            'event',
            'error',
            'labels',
            'a.b',
            'a',
            '@timestamp',
          ),
        ),
        fc.jsonValue({ maxDepth: 3 }),
      ),
      (body) => {
        const made = take({ body });
        const parsed = JSON.parse(made.source.toString()) as Record<string, JsonObject>;
        expect(made.source.includes(10)).toBe(false);
        expect(parsed['@timestamp']).toBe(made.timestamp);
        expect(typeof parsed['message']).toBe('string');
        expect(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).toContain(parsed['log']!['level']);
        expect(parsed['event']!['id']).toBe(made.id);
        expect(made.service).toMatch(/^[a-z0-9_-]+$/);
      },
    ),
  );
});
